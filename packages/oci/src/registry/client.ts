// The distribution specification, as far as a push and a pull of ours need it.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { withoutSecrets, type Http, type HttpResponse } from '@gitops-relay/http'
import { digestOf } from '../layout.ts'
import type { Digest } from '../reference.ts'
import { MEDIA, type Descriptor } from '../types.ts'
import { authorize, type Credential } from './authorization.ts'

export interface Stored {
  digest: Digest
  mediaType: string
  bytes: Buffer
}

/** One repository of one registry. */
export interface Repository {
  readonly name: string
  hasBlob(digest: Digest): Promise<boolean>
  /** Uses the blob of another repository of the same registry; false where the registry does not do that. */
  mountBlob(digest: Digest, from: string): Promise<boolean>
  uploadBlob(blob: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<void>
  openBlob(digest: Digest): Promise<AsyncIterable<Uint8Array>>
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
  signal: AbortSignal
}

const ACCEPT = [MEDIA.index, MEDIA.manifest, MEDIA.dockerIndex, MEDIA.dockerManifest].join(', ')

export function openRepository({
  http,
  registry,
  repository,
  scheme,
  credential,
  mask,
  signal,
}: RepositoryOptions): Repository {
  // Docker Hub's registry has another name than its images.
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const base = `${scheme}://${host}/v2/${repository}`
  const { send } = authorize(http, credential, mask)
  const pull = `repository:${repository}:pull`
  const push = `repository:${repository}:pull,push`
  const refused = (response: HttpResponse, what: string) =>
    refusal(response, what, `${registry}/${repository}`, credential)

  async function startUpload(query: string): Promise<HttpResponse> {
    const url = `${base}/blobs/uploads/${query}`
    return send({ method: 'POST', url, headers: { 'content-length': '0' }, repeat: 'repeat', signal }, push)
  }

  return {
    name: `${registry}/${repository}`,
    async hasBlob(digest) {
      const response = await send({ method: 'HEAD', url: `${base}/blobs/${digest}`, signal }, push)
      await response.discard()
      if (response.status === 200) return true
      if (response.status === 404) return false
      throw await refused(response, 'look for a layer')
    },
    async mountBlob(digest, from) {
      const response = await startUpload(`?mount=${digest}&from=${encodeURIComponent(from)}`)
      await response.discard()
      return response.status === 201
    },
    async uploadBlob({ digest, size }, open) {
      const started = await startUpload('')
      const location = started.headers.get('location')
      if (started.status !== 202 || location === null) throw await refused(started, 'begin an upload')
      await started.discard()
      const url = new URL(location, started.url)
      url.searchParams.set('digest', digest)
      const headers = { 'content-length': String(size), 'content-type': 'application/octet-stream' }
      // The same bytes under their own digest: whatever happened before, once more does no harm.
      const response = await send(
        { method: 'PUT', url, headers, body: open, repeat: 'refused', timeout: 600_000, signal },
        push,
      )
      if (response.status !== 201) throw await refused(response, 'upload a layer')
      await response.discard()
    },
    async openBlob(digest) {
      const response = await send({ url: `${base}/blobs/${digest}`, signal }, pull)
      if (response.status !== 200) throw await refused(response, 'read a layer')
      return response.stream()
    },
    async manifest(reference) {
      const response = await send(
        { url: `${base}/manifests/${reference}`, headers: { accept: ACCEPT }, signal },
        pull,
      )
      if (response.status === 404) {
        await response.discard()
        return undefined
      }
      if (response.status !== 200) throw await refused(response, 'read a manifest')
      const bytes = Buffer.from(await response.bytes(4 * 1024 * 1024))
      const digest = digestOf(bytes)
      const said = response.headers.get('docker-content-digest') ?? digest
      if (
        (said.startsWith('sha256:') && said !== digest) ||
        (reference.startsWith('sha256:') && reference !== digest)
      ) {
        const sentence = `The registry's manifest ${reference} of ${repository} has other bytes than its digest says.`
        throw new UserError('digest-mismatch', sentence, 'Do not use it; ask who runs the registry.')
      }
      return {
        digest,
        bytes,
        mediaType: response.headers.get('content-type')?.split(';')[0] ?? MEDIA.manifest,
      }
    },
    async head(reference) {
      const response = await send(
        { method: 'HEAD', url: `${base}/manifests/${reference}`, headers: { accept: ACCEPT }, signal },
        push,
      )
      await response.discard()
      if (response.status === 404) return undefined
      if (response.status !== 200) throw await refused(response, 'look for a tag')
      return (response.headers.get('docker-content-digest') ?? undefined) as Digest | undefined // oxlint-disable-line no-unsafe-type-assertion -- compared, never used as one
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

async function refusal(
  response: HttpResponse,
  what: string,
  name: string,
  credential: Credential | undefined,
): Promise<UserError> {
  const said = (await response.text(10_000).catch(() => '')).slice(0, 300)
  const sentence = `${name} does not let us ${what}: ${response.status} from ${withoutSecrets(response.url)}${said && `, ${said}`}.`
  if (response.status === 401 || response.status === 403 || response.status === 404) {
    const remedy =
      credential === undefined
        ? 'Give "username" and "password", or log in before this step.'
        : 'Give a credential that may push to this repository, and see that the repository exists.'
    return new UserError('registry-denied', sentence, remedy)
  }
  return new UserError('registry-failed', sentence, 'Try again later, or ask who runs the registry.')
}
