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

test('a byte order mark is no text at the beginning, and text everywhere else', async () => {
  expect(await all(readLines(inPieces('\ufeffa\n\ufeffb', 1)))).toEqual(['a', '\ufeffb'])
})

test('a lone CR ends a line at once, and the LF after it ends none', async () => {
  const pulled: string[] = []
  async function* pieces() {
    for (const piece of ['data: a\r', '\r', '\ndata: b', '\r\n\r\n']) {
      pulled.push(piece)
      yield await Promise.resolve(Buffer.from(piece))
    }
  }
  const events = readServerSentEvents(pieces())
  expect((await events.next()).value).toMatchObject({ data: 'a' })
  expect(pulled).toHaveLength(2)
  expect((await events.next()).value).toMatchObject({ data: 'b' })
  expect((await events.next()).done).toBe(true)
})

test('a server cannot fill our memory, neither with one line nor with one event', async () => {
  const line = inPieces('x'.repeat(2000), 100)
  await expect(all(readLines(line, 1000))).rejects.toThrow('more than 1000 characters')
  const event = inPieces('data: xxxxxxxxxx\n'.repeat(100), 100)
  await expect(all(readServerSentEvents(event, 1000))).rejects.toThrow('more than 1000 characters')
})

test('a long line in small pieces takes no longer than its length', async () => {
  const started = performance.now()
  const [line] = await all(readLines(inPieces('x'.repeat(8_000_000), 1000)))
  expect(line).toHaveLength(8_000_000)
  expect(performance.now() - started).toBeLessThan(2000)
})
