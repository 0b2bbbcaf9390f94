// An image registry on this machine: the OCI distribution protocol 1.1 with its checks, authorization and faults on demand.
import type { Fault } from '../faults.ts'
import { json, loopback } from '../loopback.ts'
import type { Answer, LoggedRequest } from '../loopback.ts'
import { createAuthorization } from './authorization.ts'
import type { AuthorizationOptions } from './authorization.ts'
import { getManifest, putManifest, referrers } from './manifests.ts'
import { refusal } from './refusal.ts'
import { createStore, digestOf } from './store.ts'
import type { Manifest, Store } from './store.ts'
import { createUploads } from './uploads.ts'

export interface RegistryOptions extends Partial<AuthorizationOptions> {
  /** Reads of a manifest that still miss it, each time one was written; default 0. */
  staleReads?: number
  /** Bytes of one request that are taken; default 1 GiB. */
  largestBody?: number
  /** Bytes that every chunk of an upload but the last must have; default 0. */
  leastChunk?: number
  /** Does it mount blobs of other repositories? Default true. */
  mount?: boolean
  /** Does it know the referrers endpoint and `subject`? Default true. */
  referrers?: boolean
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as in a reference. */
  readonly host: string
  readonly url: string
  readonly username: string
  readonly password: string
  readonly requests: LoggedRequest[]
  /** Content of every blob by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly fail: (fault: Fault) => void
  /** By tag or digest. */
  manifest(repository: string, reference: string): Manifest | undefined
  /** Tag → digest. */
  tags(repository: string): Record<string, string>
  /** Puts a blob there without a request; gives its digest. */
  addBlob(repository: string, bytes: string | Uint8Array): string
  /** Puts a manifest there without a request or check; gives its digest. */
  addManifest(
    repository: string,
    tag: string,
    manifest: { mediaType: string } & Record<string, unknown>,
  ): string
  /** No token given until now is taken any more. */
  expireTokens(): void
  /** Forgets every open upload. */
  forgetUploads(): void
}

const component = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source
const nameRule = new RegExp(`^${component}(?:/${component})*$`)
const endpoint = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/([^/]*)$/

/** Starts a registry; without `auth` everybody may do everything. */
export async function registry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const {
    username = 'robot',
    password = 'test-password',
    staleReads = 0,
    referrers: knowsReferrers = true,
  } = options
  const store = createStore()
  const uploads = createUploads(store, {
    largestBody: options.largestBody ?? 2 ** 30,
    mount: options.mount ?? true,
    leastChunk: options.leastChunk ?? 0,
  })
  const stale = new Map<string, number>()
  const authorization = createAuthorization(
    {
      auth: options.auth ?? 'none',
      username,
      password,
      tokenLifetime: options.tokenLifetime ?? 300,
      anonymousPull: options.anonymousPull ?? false,
      rights: options.rights ?? (() => ['pull', 'push']),
    },
    () => server.url,
  )

  const server = await loopback(async (request, url): Promise<Answer> => {
    const { method = 'GET' } = request
    const reading = method === 'GET' || method === 'HEAD'
    if (url.pathname === '/token') return authorization.token(request, url)
    if (url.pathname === '/v2/' || url.pathname === '/v2')
      return (
        authorization.refuse(request, '', 'pull') ??
        json(200, {}, { 'docker-distribution-api-version': 'registry/2.0' })
      )
    const [, name = '', kind, last = ''] = endpoint.exec(decodeURIComponent(url.pathname)) ?? []
    if (kind === undefined) return refusal('UNSUPPORTED', 'no such endpoint')
    if (!nameRule.test(name) || name.length > 255) return refusal('NAME_INVALID', 'invalid repository name')
    const right = reading && kind !== 'blobs/uploads' ? 'pull' : 'push'
    const refused = authorization.refuse(request, name, right)
    if (refused !== undefined) return refused

    if (kind === 'blobs/uploads') {
      const mayPull = (from: string) => authorization.refuse(request, from, 'pull') === undefined
      if (last !== '') return uploads.step(request, name, last, url.searchParams)
      return method === 'POST'
        ? uploads.open(request, name, url.searchParams, mayPull)
        : refusal('UNSUPPORTED', 'POST it')
    }
    if (kind === 'manifests' && method === 'PUT') {
      const answer = await putManifest(store, request, name, last, url.searchParams, knowsReferrers)
      if (answer.status === 201) stale.set(name, staleReads)
      return answer
    }
    if (!reading) return refusal('UNSUPPORTED', 'the operation is unsupported')
    if (kind === 'blobs') return getBlob(store, name, last, request.headers.range)
    if (kind === 'tags') return listTags(store, name, url.searchParams)
    if (kind === 'referrers')
      return knowsReferrers
        ? referrers(store, name, last, url.searchParams.get('artifactType'))
        : refusal('NAME_UNKNOWN', '')
    const misses = stale.get(name) ?? 0
    stale.set(name, Math.max(0, misses - 1))
    return getManifest(misses > 0 ? undefined : store.manifest(name, last), request.headers.accept)
  })

  return {
    ...server,
    username,
    password,
    blobs: store.blobs,
    manifest: (repository, reference) => store.manifest(repository, reference),
    tags: repository => Object.fromEntries(store.repositories.get(repository)?.tags ?? []),
    addBlob: (repository, bytes) => store.addBlob(repository, Buffer.from(bytes)),
    addManifest(repository, tag, manifest) {
      const bytes = Buffer.from(JSON.stringify(manifest))
      const digest = digestOf(bytes)
      store.repository(repository).manifests.set(digest, { digest, mediaType: manifest.mediaType, bytes })
      store.repository(repository).tags.set(tag, digest)
      return digest
    },
    expireTokens: () => authorization.expireTokens(),
    forgetUploads: () => uploads.forget(),
  }
}

function getBlob(store: Store, name: string, digest: string, range: string | undefined): Answer {
  const bytes = store.repositories.get(name)?.blobs.has(digest) ? store.blobs.get(digest) : undefined
  if (bytes === undefined) return refusal('BLOB_UNKNOWN', 'blob unknown to registry')
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined)
    return { status: 200, headers: { ...headers, 'content-length': String(bytes.length) }, body: bytes }
  const end = Math.min(bytes.length, last ? Number(last) + 1 : bytes.length)
  if (Number(first) >= end) return refusal('RANGE_INVALID', 'range out of the blob')
  const part = bytes.subarray(Number(first), end)
  const contentRange = `bytes ${first}-${end - 1}/${bytes.length}`
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange, 'content-length': String(part.length) },
    body: part,
  }
}

function listTags(store: Store, name: string, query: URLSearchParams): Answer {
  const repository = store.repositories.get(name)
  if (repository === undefined) return refusal('NAME_UNKNOWN', 'repository name not known to registry')
  const after = query.get('last') ?? ''
  const rest = [...repository.tags.keys()].filter(tag => tag > after).toSorted()
  const tags = rest.slice(0, Number(query.get('n') ?? rest.length))
  const more = tags.length < rest.length && tags.length > 0
  const next: Record<string, string> = more
    ? { link: `</v2/${name}/tags/list?n=${tags.length}&last=${tags.at(-1)}>; rel="next"` }
    : {}
  return json(200, { name, tags }, next)
}
