// One request, repeated as often as its kind allows, within one deadline.
import { checkedUrl } from './address.ts'
import { ATTEMPTS, delayBefore, isTransient, orderedDelay } from './backoff.ts'
import { systemClock, type Clock, type Random } from './clock.ts'
import { HttpError, networkError, neverConnected } from './http-error.ts'
import { toResponse } from './response.ts'
import { createTransport, type Transport } from './transport.ts'
import type { Http, HttpRequest, HttpResponse, Repeatability } from './types.ts'

export interface HttpOptions {
  clock?: Clock
  random?: Random
  /** For the proxy variables. */
  env?: Readonly<Record<string, string | undefined>>
  userAgent?: string
  /** PEM of further authorities. */
  ca?: string
  /** `host[:port]` that may be spoken to without TLS; loopback always may. */
  plainHttpHosts?: readonly string[]
  /** Milliseconds since the epoch after which nothing is tried again. */
  deadline?: number
}

export function createHttp(options: HttpOptions = {}): Http {
  const { clock = systemClock, random = Math.random, plainHttpHosts = [], deadline = Infinity } = options
  const { env = {}, userAgent = 'gitops-relay', ca } = options
  const transport = createTransport({ env, userAgent, ca })

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const { method = 'GET', signal } = request
    const isRead = method === 'GET' || method === 'HEAD'
    const repeat = request.repeat ?? (isRead ? 'repeat' : 'once')
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const isLast = attempt === ATTEMPTS
      let delay: number
      try {
        const response = await following(request, isRead)
        const ordered = orderedDelay(response.headers.get('retry-after'), clock.now())
        if (isLast || ordered === 'too-long' || !mayRepeatAfter(response.status, ordered, repeat))
          return response
        delay = ordered ?? delayBefore(attempt, random)
        if (clock.now() + delay > deadline) return response
        await response.discard()
      } catch (error) {
        signal?.throwIfAborted()
        const canRepeat =
          error instanceof HttpError
            ? false
            : repeat === 'repeat' || (repeat === 'refused' && neverConnected(error))
        delay = delayBefore(attempt, random)
        if (isLast || !canRepeat || clock.now() + delay > deadline)
          throw error instanceof HttpError ? error : networkError(error, request.url)
      }
      await clock.sleep(delay, signal)
    }
  }

  /** One attempt, with its redirects. */
  async function following(request: HttpRequest, isRead: boolean): Promise<HttpResponse> {
    let url = checkedUrl(request.url, plainHttpHosts)
    let headers = request.headers ?? {}
    let left = request.redirects ?? (isRead ? 5 : 0)
    for (;;) {
      const response = await attemptOnce(transport, { ...request, headers }, url)
      const location = response.headers.get('location')
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null || left === 0)
        return response
      await response.discard()
      const next = checkedUrl(URL.parse(location, url.href) ?? location, plainHttpHosts)
      if (url.protocol === 'https:' && next.protocol === 'http:') {
        throw new HttpError('redirects', 'The server sends us on from https to plain http.', { url: next })
      }
      if (next.origin !== url.origin) headers = withoutCredentials(headers)
      url = next
      left--
    }
  }

  return { send }
}

async function attemptOnce(transport: Transport, request: HttpRequest, url: URL): Promise<HttpResponse> {
  const { method = 'GET', headers = {}, body, timeout = 30_000, signal } = request
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })),
    timeout,
  )
  const either = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal])
  try {
    const answer = await transport({
      method,
      url,
      headers,
      body: typeof body === 'function' ? body() : body,
      signal: either,
    })
    return toResponse(answer, url, { signal, silence: timeout })
  } catch (error) {
    signal?.throwIfAborted()
    throw late.signal.aborted ? late.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

/** `refused` needs the server's word that nothing was done. */
function mayRepeatAfter(status: number, ordered: number | undefined, repeat: Repeatability): boolean {
  if (repeat === 'repeat') return isTransient(status)
  return repeat === 'refused' && (status === 429 || (status === 503 && ordered !== undefined))
}

const withoutCredentials = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie|proxy-authorization)$/i.test(name)),
  )
