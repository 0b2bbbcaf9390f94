// Which addresses may be spoken to, and how.
import { isIPv4, isIPv6 } from 'node:net'
import { HttpError } from './http-error.ts'

/** @throws HttpError `bad-url`, `plain-http` */
export function checkedUrl(url: string | URL, plainHttpHosts: readonly string[]): URL {
  const parsed = URL.parse(String(url))
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new HttpError('bad-url', 'Only https addresses can be spoken to.', { url })
  }
  if (parsed.protocol === 'http:' && !isLoopback(parsed.hostname) && !isListed(parsed, plainHttpHosts)) {
    const message = 'Plain http would show credentials to everybody on the way; use https.'
    throw new HttpError('plain-http', message, { url })
  }
  return parsed
}

const isListed = ({ hostname, port }: URL, hosts: readonly string[]) =>
  hosts.some(host => [hostname, `${hostname}:${port || 80}`].includes(host.toLowerCase()))

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIPv4(host)) return host.startsWith('127.')
  if (isIPv6(host)) return host === '::1'
  return host === 'localhost' || host.endsWith('.localhost')
}
