// Who we are for a registry. Pure but for the text of Docker's own file.
import type { ImageReference, Credential } from '@gitops-relay/oci'

export interface Known {
  /** Of the inputs; for the first of `images` and no other host. */
  given: Credential | undefined
  first: string
  /** Text of Docker's config.json, or empty. */
  dockerConfig: string
  /** `github.token` and whose run it is; for GHCR. */
  githubToken: string
  actor: string
}

/** The inputs, then Docker's credential file, then the run's own token for GHCR. */
export function credentialFor(
  { registry }: Pick<ImageReference, 'registry'>,
  known: Known,
): Credential | undefined {
  if (known.given !== undefined && registry === known.first) return known.given
  const stored = fromDockerConfig(known.dockerConfig, registry)
  if (stored !== undefined) return stored
  if (registry === 'ghcr.io' && known.githubToken !== '')
    return { username: known.actor || 'x-access-token', password: known.githubToken }
  return undefined
}

/** Docker writes its Hub under a name of its own, and hosts with or without scheme and path. */
function fromDockerConfig(text: string, registry: string): Credential | undefined {
  if (text === '') return undefined
  let auths: unknown
  try {
    const config: unknown = JSON.parse(text)
    auths = new Map(Object.entries(config ?? {})).get('auths')
  } catch {
    return undefined
  }
  const names =
    registry === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [registry]
  for (const [key, entry] of Object.entries(auths ?? {})) {
    const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
    const auth: unknown = new Map(Object.entries(entry ?? {})).get('auth')
    if (!names.includes(host) || typeof auth !== 'string') continue
    const decoded = Buffer.from(auth, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    if (colon > 0)
      return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') }
  }
  return undefined
}
