// The token server that a registry names, if a credential may go there.
import { HttpError } from '@gitops-relay/http'
import { isLoopback, mayLeadTo } from './address.ts'

/**
 * Over https to any public address; over plain http only to the registry itself or to this machine, and only when the
 * registry is spoken to over plain http as well.
 * @throws HttpError `bad-realm`, `plain-http`, `private-address`
 */
export function realmOf(named: string | undefined, registry: URL): URL {
  const realm = URL.parse(named ?? '', registry.href)
  if (!named || realm === null || !/^https?:$/.test(realm.protocol))
    throw new HttpError('bad-realm', 'The registry names no token server.', { url: registry })
  mayLeadTo(registry, realm)
  if (realm.protocol === 'https:') return realm
  const isNear = realm.hostname === registry.hostname || isLoopback(realm.hostname)
  if (registry.protocol === 'http:' && isNear) return realm
  throw new HttpError('plain-http', 'The registry names a token server without TLS.', { url: realm })
}
