// Where a registry may lead us: what is public never to an address of a network behind it.
import { BlockList, isIP } from 'node:net'
import { HttpError } from '@gitops-relay/http'

/** This machine, as a host of a URL or of a reference without its port. */
export const isLoopback = (hostname: string) =>
  /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

/** RFC 1918, 3927 (where clouds keep a machine's credentials), 4193, 4291, 6598, and what is nowhere. */
const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(net, bits)
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6')

/** Is it an address, or a name for this machine, that only means something near us? Names are not looked up. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family === 0) return isLoopback(hostname)
  return PRIVATE.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/**
 * A registry that is itself private, or the same host, may name what it likes.
 * @throws HttpError `private-address`
 */
export function mayLeadTo(registry: URL, url: URL): void {
  if (url.hostname === registry.hostname || !isPrivate(url.hostname) || isPrivate(registry.hostname)) return
  const message = 'A public registry leads to a private address; ask who runs the registry.'
  throw new HttpError('private-address', message, { url })
}
