// One request, repeated as often as its kind allows, within one deadline.
import { checkedUrl } from './address.ts'
import { attempt, deadlineError } from './attempt.ts'
import { ATTEMPTS, delayBefore, isTransient, mayRepeatAfter, orderedDelay } from './backoff.ts'
import { systemClock, type Clock, type Random } from './clock.ts'
import { HttpError, neverConnected } from './http-error.ts'
import { redirected } from './redirect.ts'
import type { TlsOptions } from './tls.ts'
import { createTransport } from './transport.ts'
import type { Http, HttpRequest, HttpResponse } from './types.ts'

export interface HttpOptions {
  clock?: Clock
  random?: Random
  /** For the proxy variables. */
  env?: Readonly<Record<string, string | undefined>>
  userAgent?: string
  /** PEM of further authorities. */
  ca?: string
  /** For a server that has its own authority, is met by another name, or asks who we are. */
  tls?: TlsOptions
  /** For every address, loopback too, instead of what the variables say: `http://` or `https://`, with any user and password. */
  proxy?: URL | string
  /** `host` (with any port) or `host:port` that may be spoken to without TLS; loopback always may. */
  plainHttpHosts?: readonly string[]
  /** Milliseconds since the epoch after which nothing is tried again, and no answer is waited for; bodies are read on. */
  deadline?: number
}

export function createHttp(options: HttpOptions = {}): Http {
  const { clock = systemClock, random = Math.random, plainHttpHosts = [], deadline = Infinity } = options
  const { env = {}, userAgent = 'gitops-relay', ca, tls } = options
  const proxy = options.proxy === undefined ? undefined : new URL(options.proxy)
  const transport = createTransport({ env, userAgent, ca, tls, proxy })

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const { method = 'GET', signal } = request
    const repeat = request.repeat ?? (isRead(method) ? 'repeat' : 'once')
    for (let count = 1; ; count++) {
      signal?.throwIfAborted()
      const isInTime = (delay: number) => count < ATTEMPTS && clock.now() + delay <= deadline
      let delay: number
      try {
        const response = await following(request)
        const ordered = orderedDelay(response.headers.get('retry-after'), clock.now())
        if (ordered === 'too-long' || !mayRepeatAfter(response.status, ordered, repeat)) return response
        delay = ordered ?? delayBefore(count, random)
        if (!isInTime(delay)) return response
        await response.discard()
      } catch (error) {
        if (!(error instanceof HttpError)) throw error
        const mayRepeat = repeat === 'repeat' || (repeat === 'refused' && neverConnected(error))
        delay = delayBefore(count, random)
        if (!mayRepeat || !isTransient(error.code) || !isInTime(delay)) throw error
      }
      await clock.sleep(delay, signal)
    }
  }

  /** One attempt, with its redirects. */
  async function following(request: HttpRequest): Promise<HttpResponse> {
    let url = checkedUrl(request.url, plainHttpHosts)
    let left = request.redirects ?? (isRead(request.method) ? 5 : 0)
    for (let next = request; ; left--) {
      if (clock.now() >= deadline) throw deadlineError(url)
      const response = await attempt(transport, next, url, deadline - clock.now())
      const target = left > 0 ? redirected(next, url, response) : undefined
      if (target === undefined) return response
      await response.discard()
      url = checkedUrl(target.url, plainHttpHosts)
      next = target
    }
  }

  return { send }
}

const isRead = (method = 'GET') => method === 'GET' || method === 'HEAD'
