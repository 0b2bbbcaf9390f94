// Image references by the grammar of distribution/reference: `[registry/]repository[:tag][@digest]`.
import { UserError } from '@gitops-relay/action-kit/user-error'

/** `sha256:` and 64 lower-case hexadecimal digits (or another registered algorithm with its own length). */
export type Digest = `${string}:${string}`

export interface ImageReference {
  /** Host with its port, as Docker resolves it: `docker.io` where none is written. */
  registry: string
  /** Path in the registry; `library/` is written out for Docker Hub's official images. */
  repository: string
  /** `registry/repository`, equal for every way to write the same repository. */
  name: string
  tag?: string
  digest?: Digest
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/
const HOST_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const REGISTRY = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::\\d{1,5})?$`)
const LENGTHS: Record<string, number> = { sha256: 64, sha512: 128 }

/** Docker Hub under the names that people and clients write. */
const HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/**
 * Reads a reference. The first part is a registry when it has a dot, a port, capitals, or is `localhost`; else the
 * image is on Docker Hub. A port is never a tag.
 * @throws UserError `bad-reference`
 */
export function parseReference(text: string): ImageReference {
  const [named = '', digest, ...more] = text.trim().split('@')
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const path = hasTag ? named.slice(0, colon) : named
  const tag = hasTag ? named.slice(colon + 1) : undefined
  const slash = path.indexOf('/')
  const first = slash < 0 ? '' : path.slice(0, slash)
  const isRegistry = /[.:A-Z[]/.test(first) || first === 'localhost'
  const registry = !isRegistry || HUB.includes(first.toLowerCase()) ? 'docker.io' : first.toLowerCase()
  const rest = isRegistry ? path.slice(slash + 1) : path
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest

  const refuse = (what: string, remedy: string) => {
    const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
    return new UserError('bad-reference', `${shown} is not an image reference: ${what}.`, remedy)
  }
  if (more.length > 0) throw refuse('it has more than one "@"', 'Write repository[:tag][@digest].')
  if (isRegistry && !REGISTRY.test(first))
    throw refuse(`${JSON.stringify(first)} is no host`, 'Write host[:port]/path.')
  if (rest === '') throw refuse('the repository is missing', 'Write it as registry/path:tag.')
  if (rest !== rest.toLowerCase()) throw refuse('a repository has no capitals', 'Write it in lower case.')
  if (!REPOSITORY.test(repository) || repository.length > 255) {
    throw refuse(
      'its repository is not well-formed',
      'Use lower-case letters, digits, and . _ - between them.',
    )
  }
  if (tag !== undefined && !TAG.test(tag)) {
    throw refuse(
      'its tag is not well-formed',
      'A tag has up to 128 letters, digits, and . _ - after the first.',
    )
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw refuse('its digest is not well-formed', 'Write sha256: and 64 hexadecimal digits.')
  }
  return {
    registry,
    repository,
    name: `${registry}/${repository}`,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** The reference in its long form, with what it has of tag and digest. */
export function formatReference({
  name,
  tag,
  digest,
}: Pick<ImageReference, 'name' | 'tag' | 'digest'>): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Do both name one repository, however they are written? */
export const sameRepository = (a: Pick<ImageReference, 'name'>, b: Pick<ImageReference, 'name'>) =>
  a.name === b.name

export function isDigest(text: string): text is Digest {
  if (!DIGEST.test(text)) return false
  const [algorithm = '', hex = ''] = text.split(':')
  const length = LENGTHS[algorithm]
  return length === undefined || (hex.length === length && hex === hex.toLowerCase())
}
