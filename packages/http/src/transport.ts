// One exchange over the wire, on the client that @actions/http-client brings.
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { ProxyFailure } from './http-error.ts'
import { proxyFor } from './proxy.ts'
import { secureContext, type TlsOptions } from './tls.ts'

export interface TransportOptions {
  /** For the proxy variables. */
  env: Readonly<Record<string, string | undefined>>
  userAgent: string
  /** PEM of authorities that are trusted besides those of the system. */
  ca: string | undefined
  /** For the server; a proxy is met as any other. */
  tls: TlsOptions | undefined
  /** For every address, instead of what `env` says. */
  proxy: URL | undefined
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
export function createTransport({ env, userAgent, ca, tls, proxy: fixed }: TransportOptions): Transport {
  const dispatchers = new Map<string, Promise<Dispatcher>>()

  async function dispatcher(proxy: URL | undefined): Promise<Dispatcher> {
    const [{ Agent, ProxyAgent }, world, server] = await Promise.all([
      import('undici'),
      secureContext(ca),
      secureContext(ca, tls),
    ])
    const connect = { ...server, timeout: CONNECT_TIMEOUT }
    const proxyTls = { ...world, timeout: CONNECT_TIMEOUT }
    return proxy === undefined
      ? new Agent({ connect })
      : new ProxyAgent({ uri: proxy.href, proxyTls, requestTls: connect })
  }

  function dispatcherFor(proxy: URL | undefined): Promise<Dispatcher> {
    const key = proxy?.href ?? ''
    const made = dispatchers.get(key) ?? dispatcher(proxy)
    dispatchers.set(key, made)
    return made
  }

  return async ({ url, body, headers, method, signal }) => {
    const proxy = fixed ?? proxyFor(url, env)
    const undici = await import('undici')
    const options = {
      method: method as Dispatcher.HttpMethod, // oxlint-disable-line no-unsafe-type-assertion -- our own union of methods
      headers: { 'user-agent': userAgent, ...headers },
      body: typeof body === 'object' && Symbol.asyncIterator in body ? Readable.from(body) : (body ?? null),
      signal,
      // Our own limits are counted by attempt.ts and response.ts.
      headersTimeout: 0,
      bodyTimeout: 0,
      dispatcher: await dispatcherFor(proxy),
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
