// Who we are for a registry: the inputs, then the files that other tools log in with, then the run's own token.
import type { RunFacts } from '@gitops-relay/action-kit'
import { isLoopback, type Credential, type ImageReference } from '@gitops-relay/oci'
import { findLogin } from './credential-file.ts'

/** What the credential is for; a run of a fork may read as we, and never write. */
export type Purpose = 'pull' | 'push'

export interface Known {
  /** Of the inputs; for the first of `images` and no other host. */
  given: Credential | undefined
  first: string
  /** Credential files, the first that knows the registry wins. */
  files: readonly { path: string; text: string }[]
  /** Asks the program `docker-credential-<name>`; undefined where it has nothing for this server. */
  ask: (helper: string, server: string) => Promise<Credential | undefined>
  /** `github.token`. */
  token: string
  run: Pick<RunFacts, 'actor' | 'fork' | 'untrusted' | 'serverUrl'>
  /** Hosts that the user allows to be spoken to over plain HTTP. */
  plainHosts: readonly string[]
}

/** @throws UserError `bad-credential-file`, `credential-helper` */
export async function credentialFor(
  image: Pick<ImageReference, 'registry' | 'repository'>,
  purpose: Purpose,
  known: Known,
): Promise<Credential | undefined> {
  if (known.given !== undefined && image.registry === known.first) return known.given
  for (const file of known.files) {
    const login = findLogin(file, image)
    const found = login && 'helper' in login ? await known.ask(login.helper, login.server) : login
    if (found !== undefined) return found
  }
  return ownCredential(image, purpose, known)
}

/**
 * GitHub's token is for GitHub's registry alone. A server of one's own has tokens that ghcr.io does not know, and a
 * token must not be shown to whoever is between us and a registry without TLS.
 */
function ownCredential(
  { registry }: Pick<ImageReference, 'registry'>,
  purpose: Purpose,
  { token, run, plainHosts }: Known,
): Credential | undefined {
  if (registry !== 'ghcr.io' || token === '' || run.serverUrl !== 'https://github.com') return undefined
  if (isPlain(registry, plainHosts) || run.untrusted || (run.fork && purpose === 'push')) return undefined
  return { username: run.actor || 'x-access-token', password: token, onlyHost: registry }
}

/** Is this registry spoken to over plain HTTP? */
export const isPlain = (registry: string, plainHosts: readonly string[]) => {
  const host = registry.replace(/:\d+$/, '')
  return isLoopback(host) || plainHosts.some(plain => plain === registry || plain === host)
}
