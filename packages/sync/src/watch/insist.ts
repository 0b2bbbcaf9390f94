// A connection that is wanted for as long as somebody wants to know.
import type { Clock } from '@gitops-relay/http/clock'

/** Milliseconds between connections while they fail, doubled each time. */
const PAUSE = { first: 500, longest: 5000 }

/** Connects again and again until the signal is aborted. @param connect ends, or throws, with its connection */
export async function insist(
  connect: (signal: AbortSignal) => Promise<unknown>,
  fail: (error: unknown) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let pause = PAUSE.first
  while (!signal.aborted) {
    const started = clock.now()
    const connection = new AbortController()
    try {
      await connect(AbortSignal.any([signal, connection.signal]))
    } catch (error) {
      if (signal.aborted) break
      fail(error)
    } finally {
      connection.abort()
    }
    pause = clock.now() - started > PAUSE.longest ? PAUSE.first : Math.min(pause * 2, PAUSE.longest)
    await clock.sleep(pause, signal).catch(() => undefined)
  }
}
