// One exchange over the wire, on the client that @actions/http-client brings.
import { Readable } from 'node:stream'
import type { SecureContext } from 'node:tls'
import type { Dispatcher } from 'undici'
import { ProxyFailure } from './http-error.ts'
import { proxyFor } from './proxy.ts'

export interface TransportOptions {
  /** For the proxy variables. */
  env: Readonly<Record<string, string | undefined>>
  userAgent: string
  /** PEM of authorities that are trusted besides those of the system. */
  ca: string | undefined
}

export interface WireRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  signal: AbortSignal
}

export interface WireAnswer {
  status: number
  headers: Headers
  body: Dispatcher.ResponseData['body']
}

export type Transport = (request: WireRequest) => Promise<WireAnswer>

const CONNECT_TIMEOUT = 15_000

/** undici is loaded at the first request: many runs of an action never make one. */
export function createTransport({ env, userAgent, ca }: TransportOptions): Transport {
  const dispatchers = new Map<string, Dispatcher>()
  let tls: { secureContext: SecureContext } | undefined

  async function dispatcherFor(proxy: URL | undefined): Promise<Dispatcher> {
    const { Agent, ProxyAgent } = await import('undici')
    if (ca !== undefined) tls ??= { secureContext: await trusting(ca) }
    const key = proxy?.href ?? ''
    const connect = { ...tls, timeout: CONNECT_TIMEOUT }
    const made =
      dispatchers.get(key) ??
      (proxy === undefined
        ? new Agent({ connect })
        : new ProxyAgent({ uri: proxy.href, proxyTls: connect, requestTls: connect }))
    dispatchers.set(key, made)
    return made
  }

  return async ({ url, body, headers, method, signal }) => {
    const proxy = proxyFor(url, env)
    const [undici, dispatcher] = await Promise.all([import('undici'), dispatcherFor(proxy)])
    const options = {
      method: method as Dispatcher.HttpMethod, // oxlint-disable-line no-unsafe-type-assertion -- our own union of methods
      headers: { 'user-agent': userAgent, ...headers },
      body: typeof body === 'object' && Symbol.asyncIterator in body ? Readable.from(body) : (body ?? null),
      signal,
      // Our own limits are counted by attempt.ts and response.ts.
      headersTimeout: 0,
      bodyTimeout: 0,
      dispatcher,
    }
    try {
      const answer = await undici.request(url, options)
      const pairs = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value ?? []].flat().map((item): [string, string] => [name, item]),
      )
      // Node's own class would load Node's own copy of undici: 30 ms.
      const read: Headers = new undici.Headers(pairs)
      return { status: answer.statusCode, headers: read, body: answer.body }
    } catch (error) {
      throw proxy === undefined ? error : new ProxyFailure(proxy, error)
    }
  }
}

/** Trusts `ca` besides what Node trusts anyway, for naming any authority makes TLS forget the others. */
async function trusting(ca: string): Promise<SecureContext> {
  const { createSecureContext, getCACertificates } = await import('node:tls')
  return createSecureContext({ ca: [...getCACertificates('default'), ca] })
}
