// Manifests: what a registry demands of them before it takes them, and how they are read.
import type { IncomingMessage } from 'node:http'
import { bodyOf, json } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import { refusal } from './refusal.ts'
import { digestOf, matchesDigest } from './store.ts'
import type { Manifest, Store } from './store.ts'

const ociIndex = 'application/vnd.oci.image.index.v1+json'
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const indexTypes = [ociIndex, 'application/vnd.docker.distribution.manifest.list.v2+json']
const largest = 4 * 1024 * 1024
const tagRule = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

interface Descriptor {
  mediaType?: string
  digest?: string
  size?: number
  urls?: string[]
}

interface Content {
  schemaVersion?: number
  mediaType?: string
  artifactType?: string
  config?: Descriptor
  layers?: Descriptor[]
  manifests?: Descriptor[]
  subject?: Descriptor
  annotations?: Record<string, string>
}

/** PUT: by tag, or by digest with further tags as `?tag=`. */
export async function putManifest(
  store: Store,
  request: IncomingMessage,
  name: string,
  reference: string,
  query: URLSearchParams,
  understandsSubject: boolean,
): Promise<Answer> {
  const bytes = await bodyOf(request)
  if (bytes.length > largest) return refusal('TOO_LARGE', `a manifest of more than ${largest} bytes`)
  const content = parse(bytes)
  const mediaType = request.headers['content-type']?.split(';')[0] ?? ''
  if (content?.schemaVersion !== 2 || (content.mediaType ?? mediaType) !== mediaType)
    return refusal('MANIFEST_INVALID', 'not a schema 2 manifest of the given Content-Type')
  const missing = faultOf(store, name, mediaType, content)
  if (missing !== undefined) return missing
  const byDigest = reference.includes(':')
  if (byDigest && !matchesDigest(bytes, reference))
    return refusal('DIGEST_INVALID', 'not the digest of the manifest')
  const tags = byDigest ? query.getAll('tag') : [reference]
  if (!tags.every(tag => tagRule.test(tag)))
    return refusal('TAG_INVALID', 'a tag has at most 128 characters of [a-zA-Z0-9._-]')
  const digest = byDigest ? reference : digestOf(bytes)
  const repository = store.repository(name)
  repository.manifests.set(digest, { digest, mediaType, bytes })
  for (const tag of tags) repository.tags.set(tag, digest)
  return {
    status: 201,
    headers: {
      location: `/v2/${name}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(byDigest && tags.length > 0 ? { 'oci-tag': tags.join(', ') } : {}),
      ...(understandsSubject && content.subject?.digest ? { 'oci-subject': content.subject.digest } : {}),
    },
  }
}

/** GET and HEAD; a client that does not accept the media type does not find it. */
export function getManifest(manifest: Manifest | undefined, accept: string | undefined): Answer {
  if (manifest === undefined) return refusal('MANIFEST_UNKNOWN', 'manifest unknown')
  const accepted = (accept ?? '*/*').split(',').map(type => type.split(';')[0]?.trim())
  if (!accepted.some(type => type === manifest.mediaType || type === '*/*' || type === 'application/*'))
    return refusal('MANIFEST_UNKNOWN', `found as ${manifest.mediaType}, which is not accepted`)
  const { bytes, mediaType, digest } = manifest
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      'content-length': String(bytes.length),
      'docker-content-digest': digest,
    },
    body: bytes,
  }
}

/** The index of all manifests whose `subject` is `digest`. */
export function referrers(store: Store, name: string, digest: string, artifactType: string | null): Answer {
  const manifests = [...(store.repositories.get(name)?.manifests.values() ?? [])].flatMap(manifest => {
    const content = parse(manifest.bytes)
    if (content?.subject?.digest !== digest) return []
    const type = content.artifactType ?? content.config?.mediaType
    if (artifactType !== null && artifactType !== type) return []
    const { mediaType, digest: own, bytes } = manifest
    return [
      { mediaType, digest: own, size: bytes.length, artifactType: type, annotations: content.annotations },
    ]
  })
  const filter: Record<string, string> =
    artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }
  return json(
    200,
    { schemaVersion: 2, mediaType: ociIndex, manifests },
    { ...filter, 'content-type': ociIndex },
  )
}

/** What a manifest names must be there, with the size that it says. */
function faultOf(store: Store, name: string, mediaType: string, content: Content): Answer | undefined {
  const repository = store.repository(name)
  if (indexTypes.includes(mediaType)) {
    for (const { digest = '', size } of content.manifests ?? []) {
      const child = repository.manifests.get(digest)
      if (child === undefined) return refusal('MANIFEST_BLOB_UNKNOWN', `manifest ${digest} is not in ${name}`)
      if (child.bytes.length !== size)
        return refusal('MANIFEST_INVALID', `${digest} has ${child.bytes.length} bytes`)
    }
    return content.manifests === undefined
      ? refusal('MANIFEST_INVALID', 'an index needs "manifests"')
      : undefined
  }
  if (!manifestTypes.includes(mediaType))
    return refusal('MANIFEST_INVALID', `unknown media type "${mediaType}"`)
  if (content.config === undefined || content.layers === undefined)
    return refusal('MANIFEST_INVALID', 'a manifest needs "config" and "layers"')
  for (const { digest = '', size, urls } of [content.config, ...content.layers]) {
    if (urls !== undefined) continue
    const blob = repository.blobs.has(digest) ? store.blobs.get(digest) : undefined
    if (blob === undefined) return refusal('MANIFEST_BLOB_UNKNOWN', `blob ${digest} is not in ${name}`)
    if (blob.length !== size)
      return refusal('MANIFEST_INVALID', `${digest} has ${blob.length} bytes, not ${size}`)
  }
  return undefined
}

function parse(bytes: Buffer): Content | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
