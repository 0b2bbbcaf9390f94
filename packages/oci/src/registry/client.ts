// The distribution specification, as far as a push and a pull of ours need it.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError, type Http, type HttpResponse } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { algorithmOf, digestOf, mismatch } from '../digest.ts'
import { isDigest, type Digest } from '../reference.ts'
import { MEDIA, type Descriptor } from '../types.ts'
import { authorize, type Credential } from './authorization.ts'
import { persist } from './persist.ts'
import { refusal } from './refusal.ts'
import { onceMore } from './torn.ts'
import { createUploads, type OpenBlob, type UploadSession } from './upload.ts'

export interface Stored {
  digest: Digest
  mediaType: string
  bytes: Buffer
}

/** One repository of one registry. */
export interface Repository {
  readonly name: string
  hasBlob(digest: Digest): Promise<boolean>
  /** @param from another repository of the same registry that may have the blob; `mounted`: it was taken from there */
  beginUpload(digest: Digest, from?: string): Promise<UploadSession | 'mounted'>
  /** Begins again in a session of its own where this one breaks. */
  uploadBlob(blob: Descriptor, open: OpenBlob, session: UploadSession): Promise<void>
  /** As it comes; its reader checks the digest. */
  openBlob(digest: Digest): Promise<AsyncIterable<Uint8Array>>
  /** A small one. The bytes are those of the digest, or it throws. */
  readBlob(digest: Digest): Promise<Buffer>
  /** Undefined where there is none. The bytes are those of the digest, or it throws. */
  manifest(reference: string): Promise<Stored | undefined>
  /** The digest alone; undefined where there is none. */
  head(reference: string): Promise<Digest | undefined>
  /**
   * Done, too, where the registry refuses, and has these very bytes under that reference.
   * @throws UserError `blob-missing` where it lacks a blob
   */
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<void>
  /** Points many tags to a manifest in one request; gives those that the registry did not take that way. */
  putTags(digest: Digest, bytes: Uint8Array, mediaType: string, tags: readonly string[]): Promise<string[]>
}

export interface RepositoryOptions {
  http: Http
  /** Host with port, as in a reference. */
  registry: string
  repository: string
  /** `http` for loopback and for hosts that the user named. */
  scheme: 'http' | 'https'
  credential: Credential | undefined
  mask: (secret: string) => void
  clock: Clock
  signal: AbortSignal
}

const ACCEPT = [MEDIA.index, MEDIA.manifest, MEDIA.dockerIndex, MEDIA.dockerManifest].join(', ')
/** What registries take at least, and at most what is read into memory. */
const LARGEST_DOCUMENT = 4 * 1024 * 1024

/** @throws everywhere: UserError `registry-denied`, `registry-failed`; HttpError for the network */
export function openRepository(options: RepositoryOptions): Repository {
  const { registry, repository, scheme, credential, signal } = options
  // Docker Hub's registry has another name than its images.
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const base = `${scheme}://${host}/v2/${repository}`
  const name = `${registry}/${repository}`
  const { send } = authorize({ ...options, registry: new URL(base) })
  const pull = [`repository:${repository}:pull`]
  const push = [`repository:${repository}:pull,push`]
  const refused = (response: HttpResponse, what: string) =>
    refusal(response, what, { registry, repository, credential })

  async function hasBlob(digest: Digest): Promise<boolean> {
    const response = await send({ method: 'HEAD', url: `${base}/blobs/${digest}`, signal }, push)
    await response.discard()
    if (response.status >= 500 || response.status === 429) throw await refused(response, 'look for a layer')
    // Some say 403 of what is not there; where it is meant, the upload hears it again.
    return response.status === 200
  }

  const uploads = createUploads({ ...options, base, send, refused, hasBlob })

  const manifest = (reference: string) => onceMore(() => readManifest(reference))

  async function readManifest(reference: string): Promise<Stored | undefined> {
    const url = `${base}/manifests/${reference}`
    const response = await send({ url, headers: { accept: ACCEPT }, signal }, pull)
    if (response.status === 404) {
      await response.discard()
      return undefined
    }
    if (response.status !== 200) throw await refused(response, 'read a manifest')
    const bytes = Buffer.from(await response.bytes(LARGEST_DOCUMENT))
    const said = response.headers.get('docker-content-digest') ?? ''
    for (const claim of [reference, said])
      if (isDigest(claim) && digestOf(bytes, algorithmOf(claim)) !== claim)
        throw mismatch(`manifest ${reference} of ${name}`, claim)
    return {
      digest: isDigest(reference) ? reference : digestOf(bytes),
      bytes,
      mediaType: response.headers.get('content-type')?.split(';')[0] ?? MEDIA.manifest,
    }
  }

  return {
    name,
    hasBlob,
    manifest,
    beginUpload: (digest, from) => uploads.begin(digest, from),
    uploadBlob: (blob, open, session) => uploads.send(blob, open, session),
    async openBlob(digest) {
      const response = await send({ url: `${base}/blobs/${digest}`, signal }, pull)
      if (response.status !== 200) throw await refused(response, 'read a layer')
      return response.stream()
    },
    async readBlob(digest) {
      const response = await send({ url: `${base}/blobs/${digest}`, signal }, pull)
      if (response.status !== 200) throw await refused(response, 'read a config')
      const bytes = Buffer.from(await response.bytes(LARGEST_DOCUMENT))
      if (digestOf(bytes, algorithmOf(digest)) !== digest) throw mismatch(`config of ${name}`, digest)
      return bytes
    },
    head,
    async putManifest(reference, bytes, mediaType) {
      const digest = isDigest(reference) ? reference : digestOf(bytes)
      await persist(options, () =>
        writeManifest(reference, digest, bytes, mediaType).catch(async (error: unknown) => {
          // It may have landed without an answer, or be there already where a tag may not move.
          const isLie = error instanceof UserError && error.code === 'digest-mismatch'
          if (isLie || (await head(reference).catch(() => undefined)) !== digest) throw error
        }),
      )
    },
    async putTags(digest, bytes, mediaType, tags) {
      const url = new URL(`${base}/manifests/${digest}`)
      for (const tag of tags) url.searchParams.append('tag', tag)
      const headers = { 'content-type': mediaType, 'content-length': String(bytes.byteLength) }
      const response = await send(
        { method: 'PUT', url, headers, body: bytes, repeat: 'refused', signal },
        push,
      )
      await response.discard()
      const said = response.status === 201 ? (response.headers.get('oci-tag') ?? '') : ''
      const taken = new Set(said.split(',').map(tag => tag.trim()))
      return tags.filter(tag => !taken.has(tag))
    },
  }

  async function head(reference: string): Promise<Digest | undefined> {
    const url = `${base}/manifests/${reference}`
    const response = await send({ method: 'HEAD', url, headers: { accept: ACCEPT }, signal }, push)
    await response.discard()
    if (response.status === 404) return undefined
    if (response.status !== 200 && response.status !== 405) throw await refused(response, 'look for a tag')
    const said = response.headers.get('docker-content-digest') ?? ''
    return isDigest(said) ? said : (await manifest(reference))?.digest
  }

  async function writeManifest(reference: string, digest: Digest, bytes: Uint8Array, mediaType: string) {
    const headers = { 'content-type': mediaType, 'content-length': String(bytes.byteLength) }
    const url = `${base}/manifests/${reference}`
    const response = await send({ method: 'PUT', url, headers, body: bytes, repeat: 'refused', signal }, push)
    if (![200, 201, 202].includes(response.status)) {
      const error = await refused(response, 'write a manifest')
      if (response.status < 500) throw error
      throw new HttpError('status', error.sentence, { url, cause: error })
    }
    await response.discard()
    const said = response.headers.get('docker-content-digest') ?? digest
    if (said !== digest) throw mismatch(`manifest ${reference} of ${name}`, digest)
  }
}
