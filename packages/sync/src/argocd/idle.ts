// A connection that is open and says nothing any more: cut by a proxy or a sleeping host, and nobody told us.
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'

/** Passes the stream on until nothing has come for `limit` milliseconds. Thrown then: HttpError `idle`. */
export async function* untilIdle(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  clock: Clock,
  url: string,
): AsyncIterable<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  try {
    for (;;) {
      const nap = new AbortController()
      const silence = clock.sleep(limit, nap.signal).then(
        () => 'silence' as const,
        () => 'silence' as const,
      )
      const next = await Promise.race([iterator.next(), silence]).finally(() => nap.abort())
      if (next === 'silence') throw new HttpError('idle', `Nothing came for ${limit / 1000} s.`, { url })
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: an iterator that waits for bytes ends only when they, or the end of its request, come.
    void iterator.return?.()?.catch(() => undefined)
  }
}
