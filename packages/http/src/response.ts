// An answer, whose body is read within limits.
import { HttpError, networkError } from './http-error.ts'
import type { WireAnswer } from './transport.ts'
import type { HttpResponse } from './types.ts'

const LIMIT = 10 * 1024 * 1024
/** Milliseconds that throwing a body away may take before its connection is closed instead. */
const DISCARD = 2000

export function toResponse(
  { status, headers, body }: WireAnswer,
  url: URL,
  { signal, silence }: { signal: AbortSignal | undefined; silence: number },
): HttpResponse {
  // Destroying a body raises an error on it that nobody waits for.
  body.on('error', () => {})

  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk as Uint8Array // oxlint-disable-line no-unsafe-type-assertion -- undici's body has bytes
    } catch (error) {
      signal?.throwIfAborted()
      throw error instanceof HttpError ? error : networkError(error, url, status)
    } finally {
      body.destroy()
    }
  }

  async function bytes(limit = LIMIT): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let size = 0
    // A stream may be silent for as long as its reader likes; a body that is waited for as a whole may not.
    const stalled = new HttpError('idle', `The answer stalled for ${silence / 1000} s.`, { url, status })
    const timer = setTimeout(() => body.destroy(stalled), silence)
    try {
      for await (const chunk of stream()) {
        timer.refresh()
        size += chunk.length
        if (size > limit)
          throw new HttpError('too-large', `The answer has more than ${limit} bytes.`, { url, status })
        chunks.push(chunk)
      }
    } finally {
      clearTimeout(timer)
    }
    return Buffer.concat(chunks)
  }

  const text = async (limit?: number) => new TextDecoder().decode(await bytes(limit))
  return {
    status,
    headers,
    url: url.href,
    stream,
    bytes,
    text,
    async json(limit) {
      const read = await text(limit)
      try {
        return JSON.parse(read) as unknown
      } catch (cause) {
        const start = JSON.stringify(read.slice(0, 200))
        throw new HttpError('not-json', `The answer (${status}) is not JSON; it begins with ${start}.`, {
          url,
          status,
          cause,
        })
      }
    },
    async discard() {
      try {
        const bounds = { limit: 128 * 1024, signal: AbortSignal.timeout(DISCARD) }
        await body.dump(bounds)
      } catch {
        // Nobody wants it.
      }
    },
  }
}
