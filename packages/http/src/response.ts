// An answer, whose body is read within limits.
import type { Dispatcher } from 'undici'
import { HttpError, networkError } from './http-error.ts'
import type { HttpResponse } from './types.ts'

const LIMIT = 10 * 1024 * 1024

export function toResponse(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  url: URL,
  signal: AbortSignal | undefined,
): HttpResponse {
  // Destroying a body raises an error on it that nobody waits for.
  body.on('error', () => {})

  async function* stream(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk as Uint8Array // oxlint-disable-line no-unsafe-type-assertion -- undici's body has bytes
    } catch (error) {
      signal?.throwIfAborted()
      throw networkError(error, url)
    } finally {
      body.destroy()
    }
  }

  async function bytes(limit = LIMIT): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of stream()) {
      size += chunk.length
      if (size > limit)
        throw new HttpError('too-large', `The answer has more than ${limit} bytes.`, { url, status })
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  const text = async (limit?: number) => new TextDecoder().decode(await bytes(limit))
  return {
    status,
    headers: new Headers(
      Object.entries(headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((item): [string, string] => [name, item]),
      ),
    ),
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
        await body.dump({ limit: 128 * 1024 })
      } catch {
        // Nobody wants it.
      }
    },
  }
}
