// Which proxy stands between us and an address, by the variables that curl, git and Go know.
import { BlockList, isIP } from 'node:net'
import { isLoopback } from './address.ts'
import { HttpError } from './http-error.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Undefined where none is to be used; the lower-case variable wins. Thrown: HttpError `bad-url`. */
export function proxyFor(url: URL, env: Variables): URL | undefined {
  const get = (name: string) => env[name] || env[name.toUpperCase()] || ''
  const proxy = (url.protocol === 'https:' && get('https_proxy')) || get('http_proxy')
  if (proxy === '' || isLoopback(url.hostname) || isExempt(url, get('no_proxy'))) return undefined
  const parsed = URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    const message = 'The proxy in HTTP_PROXY or HTTPS_PROXY is not an http address; correct the variable.'
    throw new HttpError('bad-url', message, { url })
  }
  return parsed
}

/** An entry is `*`, a host with everything below it, an address, a network (`10.0.0.0/8`); the first two may have a port. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true
      if (isIP(host)) return isWithin(host, entry) || entry === `${url.hostname}:${port}`
      const [, name = '', only = port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? []
      return only === port && (host === name || host.endsWith(`.${name}`))
    })
}

function isWithin(address: string, entry: string): boolean {
  const [network = '', bits] = entry.replace(/[[\]]/g, '').split('/')
  const family = isIP(network)
  if (family === 0 || family !== isIP(address)) return false
  const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits)
  if (!(length >= 0 && length <= (family === 4 ? 32 : 128))) return false
  const list = new BlockList()
  list.addSubnet(network, length, family === 4 ? 'ipv4' : 'ipv6')
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
