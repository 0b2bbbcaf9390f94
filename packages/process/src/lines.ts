// Bytes into lines.
import { StringDecoder } from 'node:string_decoder'

const LONGEST = 64 * 1024

/** No piece ends within a surrogate pair. */
const firstPiece = (text: string) =>
  text.slice(0, LONGEST).replace(text.length > LONGEST ? /[\ud800-\udbff]$/ : '', '')

/** Calls `onLine` for each line without its LF or CRLF; a line over 64 Ki characters comes in pieces. */
export function createLineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) pieces(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (rest.length > LONGEST) {
      const piece = firstPiece(rest)
      onLine(piece)
      rest = rest.slice(piece.length)
    }
  }
  const pieces = (line: string) => {
    let left = line
    do {
      const piece = firstPiece(left)
      onLine(piece)
      left = left.slice(piece.length)
    } while (left !== '')
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
