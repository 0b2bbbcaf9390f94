// Bodies that arrive piece by piece, as lines and as server-sent events.
import { StringDecoder } from 'node:string_decoder'

/** Characters. A longer line, or event, is the work of a broken or hostile server. */
const LONGEST = 32 * 1024 * 1024

/** Lines without their end (LF, CRLF or CR); the last one needs none. Thrown: RangeError over `longest` characters. */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  longest = LONGEST,
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isFirst = true
  let afterReturn = false
  for await (const chunk of stream) {
    let text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (text === '') continue
    if (isFirst) text = text.replace(/^\ufeff/, '')
    isFirst = false
    // A line ended by CR is given at once, and not ended again by the LF of the next piece.
    if (afterReturn) text = text.replace(/^\n/, '')
    afterReturn = text.endsWith('\r')
    // Only what is new is searched: a long line in small pieces costs no more than a short one.
    const [first = '', ...others] = text.split(/\r\n|\n|\r/)
    rest += first
    for (const other of others) {
      yield rest
      rest = other
    }
    if (rest.length > longest) throw new RangeError(`A line has more than ${longest} characters.`)
  }
  rest += decoder.end()
  if (rest !== '') yield rest
}

export interface ServerSentEvent {
  /** `message` where the server names none. */
  event: string
  data: string
  id: string
}

/**
 * By the HTML standard, section 9.2.6: an event that its stream did not end is dropped.
 * Thrown: RangeError for an event over `longest` characters.
 */
export async function* readServerSentEvents(
  stream: AsyncIterable<Uint8Array>,
  longest = LONGEST,
): AsyncGenerator<ServerSentEvent> {
  let data: string[] = []
  let size = 0
  let event = ''
  let id = ''
  for await (const line of readLines(stream, longest)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id }
      data = []
      size = 0
      event = ''
      continue
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') {
      data.push(value)
      size += value.length + 1
      if (size > longest) throw new RangeError(`An event has more than ${longest} characters.`)
    } else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }
}
