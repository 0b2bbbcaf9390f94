// The files in which docker and podman keep logins: Docker's config.json and the auth.json of containers. Pure.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Credential, ImageReference } from '@gitops-relay/oci'

/** A login, or the program that knows it and the name under which it does. */
export type Login = Credential | { helper: string; server: string }

/** Docker's own names for its Hub; its logins are under the last. */
const HUB = ['docker.io', 'registry-1.docker.io', 'index.docker.io']
const HUB_SERVER = 'https://index.docker.io/v1/'

/**
 * What the file knows about a registry: `credHelpers` for this host, else what `auths` holds (for containers the longest
 * path wins), else `credsStore`.
 * @throws UserError `bad-credential-file`
 */
export function findLogin(
  { path, text }: { path: string; text: string },
  { registry, repository }: Pick<ImageReference, 'registry' | 'repository'>,
): Login | undefined {
  const file = parse(path, text)
  const hosts = registry === 'docker.io' ? HUB : [registry]
  const scopes = hosts.flatMap(host => prefixes(`${host}/${repository}`))
  const server = registry === 'docker.io' ? HUB_SERVER : registry
  const entry = (section: string) => {
    const named = Object.entries(file.get(section) ?? {}).map(([key, value]): [string, unknown] => [
      plainName(key),
      value,
    ])
    return scopes.flatMap(scope => named.filter(([name]) => name === scope).map(([, value]) => value))
  }

  const own = entry('credHelpers').find(name => typeof name === 'string')
  if (own !== undefined) return helper(path, own, server)
  for (const value of entry('auths')) {
    const login = loginOf(value)
    if (login !== undefined) return login
  }
  const store = file.get('credsStore')
  return typeof store === 'string' && store !== '' ? helper(path, store, server) : undefined
}

/** From the whole name to the host alone. */
function prefixes(name: string): string[] {
  const parts = name.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}

/** Keys may be addresses: with a scheme, and the path of Docker's API. */
const plainName = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '')

function loginOf(value: unknown): Credential | undefined {
  const fields = new Map(Object.entries(value ?? {}))
  const identity: unknown = fields.get('identitytoken')
  if (typeof identity === 'string' && identity !== '') return { username: '<token>', password: identity }
  const auth: unknown = fields.get('auth')
  if (typeof auth !== 'string') return undefined
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 1) return undefined
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
}

/** The name becomes that of a program, so nothing in it may lead elsewhere. */
function helper(path: string, name: string, server: string): Login {
  if (/^[\w.-]+$/.test(name)) return { helper: name, server }
  const sentence = `${path} names the credential helper ${JSON.stringify(name)}.`
  throw new UserError('bad-credential-file', sentence, 'Write what follows docker-credential- in its name.')
}

function parse(path: string, text: string): Map<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text.trim() || '{}')
    return new Map(Object.entries(parsed ?? {}))
  } catch {
    // What the parser says may quote a password.
    throw new UserError('bad-credential-file', `${path} is not JSON.`, 'Log in again, or take the file away.')
  }
}
