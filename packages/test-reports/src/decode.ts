// Bytes to text, in the encoding that the report itself declares.

const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  // An XML prolog without a mark: `<` beside a zero.
  [[0x3c, 0x00], 'utf-16le'],
  [[0x00, 0x3c], 'utf-16be'],
]
const HEAD = 256

/**
 * Text in pieces, never a split character. The encoding is the byte order mark's, else the XML declaration's, else UTF-8;
 * bytes that are not in it become U+FFFD.
 */
export async function* decode(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head: Uint8Array | undefined = new Uint8Array()
  let decoder = new TextDecoder()
  for await (const chunk of bytes) {
    let piece = chunk
    if (head !== undefined) {
      head = Buffer.concat([head, chunk])
      if (head.length < HEAD) continue
      decoder = new TextDecoder(encodingOf(head))
      piece = head
      head = undefined
    }
    const text = decoder.decode(piece, { stream: true })
    if (text !== '') yield text
  }
  if (head !== undefined) decoder = new TextDecoder(encodingOf(head))
  const rest = decoder.decode(head)
  if (rest !== '') yield rest
}

function encodingOf(head: Uint8Array): string {
  const marked = MARKS.find(([mark]) => mark.every((byte, at) => head[at] === byte))
  if (marked !== undefined) return marked[1]
  const declared = /^\s*<\?xml[^>]*encoding=["']([\w.:-]+)["']/.exec(
    Buffer.from(head.subarray(0, HEAD)).toString('latin1'),
  )
  try {
    return new TextDecoder(declared?.[1] ?? 'utf-8').encoding
  } catch {
    return 'utf-8'
  }
}
