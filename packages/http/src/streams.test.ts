import { expect, test } from '@jest/globals'
import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check'
import { readLines, readServerSentEvents } from './streams.ts'

async function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size)
    yield await Promise.resolve(bytes.subarray(from, from + size))
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

test('lines do not depend on where the stream is cut', async () => {
  const pieces = constantFrom('a', '€', '\n', '\r\n', '\r', '😀', ' ')
  await assert(
    asyncProperty(array(pieces), integer({ min: 1, max: 7 }), async (parts, size) => {
      const text = parts.join('')
      const lines = text.split(/\r\n|\n|\r/)
      if (lines.at(-1) === '') lines.pop()
      expect(await all(readLines(inPieces(text, size)))).toEqual(lines)
    }),
  )
})

test('events have several lines of data, a name and an id; comments and what is unfinished are none', async () => {
  const text = '\ufeff: hello\n\ndata: a\ndata:b\nid: 7\n\nevent: end\r\ndata\r\n\r\nretry: 3\n\ndata: lost'
  for (const size of [1, 3, 1000]) {
    expect(await all(readServerSentEvents(inPieces(text, size)))).toEqual([
      { event: 'message', data: 'a\nb', id: '7' },
      { event: 'end', data: '', id: '7' },
    ])
  }
})
