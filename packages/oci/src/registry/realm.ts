// The token server that a registry names, if a credential may go there.
import { HttpError } from '@gitops-relay/http'

/**
 * Over https anywhere; over plain http only to the registry itself or to this machine, and only when the registry is
 * spoken to over plain http as well.
 * @throws HttpError `bad-realm`, `plain-http`
 */
export function realmOf(named: string | undefined, registry: URL): URL {
  const realm = URL.parse(named ?? '', registry.href)
  if (!named || realm === null || !/^https?:$/.test(realm.protocol))
    throw new HttpError('bad-realm', 'The registry names no token server.', { url: registry })
  if (realm.protocol === 'https:') return realm
  const isNear = realm.hostname === registry.hostname || isLoopback(realm.hostname)
  if (registry.protocol === 'http:' && isNear) return realm
  throw new HttpError('plain-http', 'The registry names a token server without TLS.', { url: realm })
}

/** This machine, as a host of a URL or of a reference without its port. */
export const isLoopback = (hostname: string) =>
  /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
