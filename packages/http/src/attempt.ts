// One attempt: from its first byte to the headers of the answer, within its own time.
import { HttpError, networkError } from './http-error.ts'
import { toResponse } from './response.ts'
import type { Transport } from './transport.ts'
import type { HttpRequest, HttpResponse } from './types.ts'

/** setTimeout takes no more. */
const LONGEST = 2 ** 31 - 1

/**
 * @param left milliseconds until the client's deadline
 * @throws HttpError; the signal's reason; whatever the request's own body throws
 */
export async function attempt(
  transport: Transport,
  { method = 'GET', headers = {}, body, timeout = 30_000, signal }: HttpRequest,
  url: URL,
  left: number,
): Promise<HttpResponse> {
  const stop = new AbortController()
  const answerTimer = setTimeout(() => stop.abort(tooLate(url, timeout)), Math.min(timeout, LONGEST))
  const deadlineTimer = setTimeout(() => stop.abort(deadlineError(url)), Math.min(left, LONGEST))
  let ownFailure: { error: unknown } | undefined

  /** The body as it is sent: an upload that goes on is not a server that does not answer. */
  async function* sent(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of pieces) {
        answerTimer.refresh()
        yield piece
      }
    } catch (error) {
      ownFailure = { error }
      throw error
    }
  }

  try {
    const answer = await transport({
      method,
      url,
      headers,
      body: typeof body === 'function' ? sent(body()) : body,
      signal: signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]),
    })
    return toResponse(answer, url, { signal, silence: timeout })
  } catch (error) {
    signal?.throwIfAborted()
    if (ownFailure !== undefined) throw ownFailure.error
    if (stop.signal.aborted) throw stop.signal.reason
    throw error instanceof HttpError ? error : networkError(error, url)
  } finally {
    clearTimeout(answerTimer)
    clearTimeout(deadlineTimer)
  }
}

const tooLate = (url: URL, timeout: number) =>
  new HttpError(
    'timeout',
    `There was no answer within ${timeout / 1000} s; see whether the server is well.`,
    {
      url,
    },
  )

export const deadlineError = (url: string | URL) =>
  new HttpError('deadline', 'The time for this is over; allow more, or see why the server is slow.', { url })
