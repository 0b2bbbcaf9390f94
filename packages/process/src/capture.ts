// A bounded piece of a stream: its beginning or its end.

export interface Capture {
  add(bytes: Buffer): void
  text(): string
  /** Bytes that the limit cost. */
  dropped(): number
}

/** Keeps at most `limit` bytes; `tail` keeps the newest. A character cut by the limit is left out. */
export function createCapture(limit: number, keep: 'head' | 'tail'): Capture {
  let chunks: Buffer[] = []
  let size = 0
  let lost = 0
  const compact = () => {
    const all = Buffer.concat(chunks)
    const kept = keep === 'head' ? all.subarray(0, limit) : all.subarray(Math.max(0, all.length - limit))
    lost += all.length - kept.length
    chunks = [kept]
    size = kept.length
  }
  return {
    add(bytes) {
      if (keep === 'head' && size >= limit) {
        lost += bytes.length
        return
      }
      chunks.push(bytes)
      size += bytes.length
      // Twice the limit, so that a long stream is not copied at each of its pieces.
      if (size > 2 * limit) compact()
    },
    text() {
      compact()
      const [kept = Buffer.alloc(0)] = chunks
      if (lost === 0) return kept.toString('utf8')
      return keep === 'head'
        ? kept.toString('utf8').replace(/\ufffd+$/, '')
        : kept.toString('utf8').replace(/^\ufffd+/, '')
    },
    dropped: () => {
      compact()
      return lost
    },
  }
}
