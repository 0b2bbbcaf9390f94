// The lines of git's protocols: four hexadecimal digits of length, then the bytes (gitprotocol-common, "pkt-line").

export type Packet = { kind: 'data'; bytes: Buffer } | { kind: 'flush' | 'delimiter' | 'end' }

const special = { '0000': 'flush', '0001': 'delimiter', '0002': 'end' } as const

/** Texts as lines; `flush` and `delimiter` are what they say. */
export function encodePackets(lines: readonly string[]): string {
  return lines
    .map(line => {
      if (line === 'flush') return '0000'
      if (line === 'delimiter') return '0001'
      return `${(Buffer.byteLength(line) + 5).toString(16).padStart(4, '0')}${line}\n`
    })
    .join('')
}

/** Thrown: Error for what is no whole sequence of packets, and for the server's own `ERR`. */
export function decodePackets(bytes: Uint8Array): Packet[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packets: Packet[] = []
  for (let at = 0; at < buffer.length;) {
    const head = buffer.toString('latin1', at, at + 4)
    const length = /^[\da-f]{4}$/i.test(head) ? Number.parseInt(head, 16) : NaN
    if (head in special) {
      packets.push({ kind: special[head as keyof typeof special] }) // oxlint-disable-line no-unsafe-type-assertion -- just looked up
      at += 4
      continue
    }
    if (!(length >= 4) || at + length > buffer.length)
      throw new Error('The answer is torn, or no answer of git.')
    const data = buffer.subarray(at + 4, at + length)
    if (data.toString('latin1', 0, 4) === 'ERR ') throw new Error(data.toString().trim())
    packets.push({ kind: 'data', bytes: data })
    at += length
  }
  return packets
}
