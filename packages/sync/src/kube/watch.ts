// Everything that exists, and then each change of it, for as long as somebody wants to know; whatever becomes of connections.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError, type HttpResponse } from '@gitops-relay/http'
import type { Clock, Random } from '@gitops-relay/http/clock'
import { createKnown, type ObjectEvent } from './known.ts'
import type { Listed } from './list.ts'
import { isGone } from './refusal.ts'
import { nameOf } from './resource.ts'
import { readChanges } from './stream.ts'

/**
 * `LISTED`: all that exists has been told. `TROUBLE`: the server cannot be asked at the moment, and is asked again; what
 * was told stays true as far as anybody knows.
 */
export type WatchEvent =
  ObjectEvent | { readonly type: 'LISTED' } | { readonly type: 'TROUBLE'; readonly error: Error }

export interface Watched {
  list(signal: AbortSignal): Promise<Listed>
  /** Opens the stream of what changed since. */
  open(resourceVersion: string, signal: AbortSignal): Promise<HttpResponse>
}

/** Milliseconds between attempts, doubled each time. */
const PAUSE = { first: 500, longest: 30_000 }
/** A stream that ends sooner than this, in milliseconds, and has said nothing, has failed. */
const SHORT = 1000
/** After so many failures in a row the state that is asked for may be what is wrong. */
const PATIENCE = 3
/** So often in a row a server may refuse what it has allowed before: after its start it does not know every right. */
const FORBEARANCE = 5

/** Ends by a throw: the signal's reason, or what waiting cannot mend (UserError; HttpError for a request that is wrong). */
export async function* watch(
  watched: Watched,
  signal: AbortSignal,
  { clock, random }: { clock: Clock; random: Random },
): AsyncGenerator<WatchEvent, never> {
  const known = createKnown()
  let version = ''
  let failures = 0
  let wasAllowed = false
  for (;;) {
    const connection = new AbortController()
    const both = AbortSignal.any([signal, connection.signal])
    const started = clock.now()
    let heard = 0
    try {
      if (version === '') {
        const { items, resourceVersion } = await watched.list(both)
        yield* known.only(items)
        yield { type: 'LISTED' }
        version = resourceVersion
      }
      const response = await watched.open(version, both)
      wasAllowed = true
      for await (const { type, object } of readChanges(response, clock)) {
        heard++
        failures = 0
        version = nameOf(object).resourceVersion || version
        if (type === 'DELETED') yield* known.gone(object)
        else if (type !== 'BOOKMARK') yield* known.exists(object)
      }
      failures = heard === 0 && clock.now() - started < SHORT ? failures + 1 : 0
    } catch (error) {
      signal.throwIfAborted()
      if (isSilence(error)) continue
      failures++
      if (isGone(error)) version = ''
      else if (mayPass(error) || (wasAllowed && failures < FORBEARANCE && error instanceof UserError))
        yield { type: 'TROUBLE', error }
      else throw error
    } finally {
      connection.abort()
    }
    if (failures >= PATIENCE) version = ''
    if (failures > 0) await clock.sleep(pauseAfter(failures, random), signal)
  }
}

/** Exponential, with jitter; never nothing at all. */
const pauseAfter = (failures: number, random: Random) =>
  (0.5 + random() / 2) * Math.min(PAUSE.longest, PAUSE.first * 2 ** (failures - 1))

/** A connection that died unseen; what it missed is asked for by the next one. */
const isSilence = (error: unknown) => error instanceof HttpError && error.code === 'idle'

function mayPass(error: unknown): error is HttpError {
  if (!(error instanceof HttpError)) return false
  const { code, status = 0 } = error
  if (['bad-url', 'plain-http', 'bad-header', 'deadline', 'too-large'].includes(code)) return false
  return !(status >= 300 && status < 500) || [408, 425, 429].includes(status)
}
