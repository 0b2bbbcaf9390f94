// Transfers of blobs, begun anew after what may be gone by then: the HTTP client cannot repeat what was half used.
import type { Clock } from '@gitops-relay/http/clock'
import { HttpError } from '@gitops-relay/http'

const TRIES = 4
const PASSING = ['network', 'dns', 'refused', 'timeout', 'status']

/**
 * @param attempt throws HttpError for what may pass; `status` is its own word for an answer that may
 * @throws the last error
 */
export async function persist<T>(
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (count === TRIES || !(error instanceof HttpError) || !PASSING.includes(error.code)) throw error
      await clock.sleep(1000 * 2 ** count, signal)
    }
  }
}
