// Bytes into lines.
import { StringDecoder } from 'node:string_decoder'

const LONGEST = 64 * 1024

/** Calls `onLine` for each line without its LF or CRLF; a line over 64 Ki characters comes in pieces. */
export function createLineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) pieces(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (rest.length >= LONGEST) {
      onLine(rest.slice(0, LONGEST))
      rest = rest.slice(LONGEST)
    }
  }
  const pieces = (line: string) => {
    for (let from = 0; from === 0 || from < line.length; from += LONGEST)
      onLine(line.slice(from, from + LONGEST))
  }
  return {
    add: (bytes: Buffer) => take(decoder.write(bytes)),
    end() {
      take(decoder.end())
      if (rest !== '') pieces(rest)
      rest = ''
    },
  }
}
