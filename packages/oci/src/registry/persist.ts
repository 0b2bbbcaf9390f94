// Writes, begun anew after what may be gone by then: the HTTP client cannot repeat what was half used.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import { HttpError } from '@gitops-relay/http'

const TRIES = 4
const PASSING = ['network', 'dns', 'refused', 'timeout', 'status']

export interface Persistence {
  clock: Clock
  signal: AbortSignal
}

/**
 * @param attempt throws HttpError for what may pass; `status` is its own word for an answer that may, with the registry's
 * refusal as its cause
 * @throws the last error, as that refusal where it was one
 */
export async function persist<T>({ clock, signal }: Persistence, attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof HttpError) || !PASSING.includes(error.code)) throw error
      if (count === TRIES) throw error.cause instanceof UserError ? error.cause : error
      await clock.sleep(1000 * 2 ** count, signal)
    }
  }
}
