// Bodies that arrive piece by piece, as lines and as server-sent events.
import { StringDecoder } from 'node:string_decoder'

/** A line that is longer than this is the work of a broken or hostile server. */
const LONGEST = 32 * 1024 * 1024

/** Lines without their end (LF, CRLF or CR); the last one needs none. Thrown: RangeError over 32 Mi characters. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isFirst = true
  for await (const chunk of stream) {
    let text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (isFirst && text !== '') {
      text = text.replace(/^\ufeff/, '')
      isFirst = false
    }
    // A CR at the end of what is there may be the first half of a CRLF.
    const parts = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = parts.pop() ?? ''
    if (rest.length > LONGEST) throw new RangeError(`A line has more than ${LONGEST} characters.`)
    yield* parts
  }
  rest += decoder.end()
  if (rest !== '') yield rest.replace(/\r$/, '')
}

export interface ServerSentEvent {
  /** `message` where the server names none. */
  event: string
  data: string
  id: string
}

/** By the HTML standard, section 9.2.6: an event that its stream did not end is dropped. */
export async function* readServerSentEvents(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  let data: string[] = []
  let event = ''
  let id = ''
  for await (const line of readLines(stream)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id }
      data = []
      event = ''
      continue
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
}
