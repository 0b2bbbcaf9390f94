// One attempt over the wire, on the client that @actions/http-client brings.
import { Readable } from 'node:stream'
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import { isLoopback } from './address.ts'

export interface TransportOptions {
  env: Readonly<Record<string, string | undefined>>
  userAgent: string
  ca: string | undefined
}

export interface WireRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  signal: AbortSignal
}

export type Transport = (request: WireRequest) => Promise<Dispatcher.ResponseData>

/** undici is loaded at the first request: many runs of an action never make one. */
export function createTransport({ env, userAgent, ca }: TransportOptions): Transport {
  let made: Promise<Transport> | undefined
  const make = async (): Promise<Transport> => {
    const { Agent, EnvHttpProxyAgent, request } = await import('undici')
    // A list given to TLS replaces the usual authorities, so they are in it.
    const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }
    const options = { connect: { ...trust, timeout: 15_000 }, maxRedirections: 0 }
    const tunnel = { requestTls: trust, proxyTls: trust }
    const direct = new Agent(options)
    const proxies = proxiesOf(env)
    const proxied =
      proxies === undefined ? direct : new EnvHttpProxyAgent({ ...options, ...tunnel, ...proxies })
    return ({ url, body, headers, method, signal }) =>
      request(url, {
        method: method as Dispatcher.HttpMethod, // oxlint-disable-line no-unsafe-type-assertion -- our own union of methods
        headers: { 'user-agent': userAgent, ...headers },
        body: typeof body === 'object' && Symbol.asyncIterator in body ? Readable.from(body) : (body ?? null),
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
        dispatcher: isLoopback(url.hostname) ? direct : proxied,
      })
  }
  return async request => (await (made ??= make()))(request)
}

/** The proxy variables in either case; undefined where there is none. */
function proxiesOf(env: TransportOptions['env']) {
  const get = (name: string) => env[name] || env[name.toUpperCase()] || ''
  const [httpProxy, httpsProxy, noProxy] = [get('http_proxy'), get('https_proxy'), get('no_proxy')]
  return httpProxy || httpsProxy ? { httpProxy, httpsProxy: httpsProxy || httpProxy, noProxy } : undefined
}
