// The distribution specification, as far as a push and a pull of ours need it.
import { HttpError, type Http, type HttpResponse } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { algorithmOf, digestOf, mismatch } from '../digest.ts'
import { isDigest, type Digest } from '../reference.ts'
import { MEDIA, type Descriptor } from '../types.ts'
import { authorize, type Credential } from './authorization.ts'
import { persist } from './persist.ts'
import { refusal } from './refusal.ts'

export interface Stored {
  digest: Digest
  mediaType: string
  bytes: Buffer
}

/** Where the bytes of a blob go. */
export type UploadSession = URL

/** One repository of one registry. */
export interface Repository {
  readonly name: string
  hasBlob(digest: Digest): Promise<boolean>
  /** @param from another repository of the same registry that may have the blob; `mounted`: it was taken from there */
  beginUpload(digest: Digest, from?: string): Promise<UploadSession | 'mounted'>
  /** Begins again in a session of its own where this one breaks. */
  uploadBlob(blob: Descriptor, open: () => AsyncIterable<Uint8Array>, session: UploadSession): Promise<void>
  /** As it comes; its reader checks the digest. */
  openBlob(digest: Digest): Promise<AsyncIterable<Uint8Array>>
  /** A small one. The bytes are those of the digest, or it throws. */
  readBlob(digest: Digest): Promise<Buffer>
  /** Undefined where there is none. The bytes are those of the digest, or it throws. */
  manifest(reference: string): Promise<Stored | undefined>
  /** The digest alone; undefined where there is none. */
  head(reference: string): Promise<Digest | undefined>
  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<void>
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
const UPLOAD_TIMEOUT = 600_000

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
  const refused = (response: HttpResponse, what: string) => refusal(response, what, name, credential)

  async function hasBlob(digest: Digest): Promise<boolean> {
    const response = await send({ method: 'HEAD', url: `${base}/blobs/${digest}`, signal }, push)
    await response.discard()
    if (response.status >= 500 || response.status === 429) throw await refused(response, 'look for a layer')
    // Some say 403 of what is not there; where it is meant, the upload hears it again.
    return response.status === 200
  }

  const post = (query: string, scopes: readonly string[]) => {
    const url = `${base}/blobs/uploads/${query}`
    return send({ method: 'POST', url, headers: { 'content-length': '0' }, repeat: 'repeat', signal }, scopes)
  }

  async function sessionOf(response: HttpResponse): Promise<UploadSession> {
    const location = response.headers.get('location')
    const session = location === null ? null : URL.parse(location, response.url)
    if (response.status !== 202 || session === null) throw await refused(response, 'begin an upload')
    await response.discard()
    return session
  }

  const beginUpload = async () => sessionOf(await post('', push))

  async function put(
    session: UploadSession,
    { digest, size }: Descriptor,
    open: () => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const url = new URL(session)
    url.searchParams.set('digest', digest)
    const headers = { 'content-length': String(size), 'content-type': 'application/octet-stream' }
    const response = await send(
      { method: 'PUT', url, headers, body: open, repeat: 'refused', timeout: UPLOAD_TIMEOUT, signal },
      push,
    )
    if (response.status === 201) return response.discard()
    // A session may be lost: with its server, or after its time.
    const mayPass = response.status >= 500 || [404, 408, 416, 429].includes(response.status)
    const error = await refused(response, 'upload a layer')
    throw mayPass ? new HttpError('status', error.sentence, { url: base, cause: error }) : error
  }

  /** An answer that broke off is read once more: the HTTP client repeats only what had none. */
  const manifest = (reference: string) =>
    readManifest(reference).catch((error: unknown) => {
      const isTorn = error instanceof HttpError && error.code === 'network' && error.status === 200
      if (isTorn) return readManifest(reference)
      throw error
    })

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
    async beginUpload(digest, from) {
      if (from === undefined) return beginUpload()
      const query = `?mount=${digest}&from=${encodeURIComponent(from)}`
      const response = await post(query, [...push, `repository:${from}:pull`])
      if (response.status === 202) return sessionOf(response)
      await response.discard()
      // Whatever speaks against the mount, rights or taste, need not speak against an upload.
      return response.status === 201 ? 'mounted' : beginUpload()
    },
    async uploadBlob(blob, open, session) {
      let next: UploadSession | undefined = session
      await persist(options, async () => {
        const url = next ?? ((await hasBlob(blob.digest)) ? undefined : await beginUpload())
        next = undefined
        if (url !== undefined) await put(url, blob, open)
      })
    },
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
    async head(reference) {
      const url = `${base}/manifests/${reference}`
      const response = await send({ method: 'HEAD', url, headers: { accept: ACCEPT }, signal }, push)
      await response.discard()
      if (response.status === 404) return undefined
      if (response.status !== 200 && response.status !== 405) throw await refused(response, 'look for a tag')
      const said = response.headers.get('docker-content-digest') ?? ''
      return isDigest(said) ? said : (await manifest(reference))?.digest
    },
    async putManifest(reference, bytes, mediaType) {
      const headers = { 'content-type': mediaType, 'content-length': String(bytes.byteLength) }
      const url = `${base}/manifests/${reference}`
      const response = await send(
        { method: 'PUT', url, headers, body: bytes, repeat: 'repeat', signal },
        push,
      )
      if (response.status !== 201) throw await refused(response, 'write a manifest')
      await response.discard()
    },
  }
}
