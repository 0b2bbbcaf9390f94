// Uploads of blobs: whole where the registry takes it, in chunks where something on the way does not.
import { HttpError, type HttpRequest, type HttpResponse } from '@gitops-relay/http'
import type { UserError } from '@gitops-relay/action-kit/user-error'
import type { Digest } from '../reference.ts'
import type { Descriptor } from '../types.ts'
import { mayLeadTo } from './address.ts'
import { persist, type Persistence } from './persist.ts'

/** Where the bytes of a blob go next. */
export interface UploadSession {
  url: URL
  /** Bytes that a chunk has at least, the last one aside. */
  least: number
}

/** Gives the bytes from `start` to `end`, both included; without them all. Called for each attempt. */
export type OpenBlob = (start?: number, end?: number) => AsyncIterable<Uint8Array>

export interface Uploads {
  /** @param from another repository of the same registry that may have the blob; `mounted`: it was taken from there */
  begin(digest: Digest, from?: string): Promise<UploadSession | 'mounted'>
  /** Begins again in a session of its own where this one breaks, unless the blob is there by then. */
  send(blob: Descriptor, open: OpenBlob, session: UploadSession): Promise<void>
}

export interface UploadOptions extends Persistence {
  /** Address of the repository. */
  base: string
  repository: string
  send: (request: HttpRequest, scopes: readonly string[]) => Promise<HttpResponse>
  refused: (response: HttpResponse, what: string) => Promise<UserError>
  hasBlob: (digest: Digest) => Promise<boolean>
}

const TIMEOUT = 600_000
/** What the proxies of most clouds take; halved until something fits. */
const CHUNK = 32 * 1024 * 1024
const SMALLEST = 256 * 1024
const BINARY = 'application/octet-stream'

export function createUploads(options: UploadOptions): Uploads {
  const { base, repository, send, refused, hasBlob, signal } = options
  const push = [`repository:${repository}:pull,push`]

  const post = (query: string, scopes: readonly string[]) => {
    const url = `${base}/blobs/uploads/${query}`
    return send({ method: 'POST', url, headers: { 'content-length': '0' }, repeat: 'repeat', signal }, scopes)
  }

  /** The answer's `Location`, which is opaque, and may be relative. */
  function next(response: HttpResponse): URL | undefined {
    const location = response.headers.get('location')
    const url = location === null ? null : URL.parse(location, response.url)
    if (url === null) return undefined
    mayLeadTo(new URL(base), url)
    return url
  }

  async function sessionOf(response: HttpResponse): Promise<UploadSession> {
    const url = response.status === 202 ? next(response) : undefined
    if (url === undefined) throw await refused(response, 'begin an upload')
    await response.discard()
    const least = Number(response.headers.get('oci-chunk-min-length') ?? 0)
    return { url, least: Number.isSafeInteger(least) && least > 0 ? least : 0 }
  }

  const fresh = async () => sessionOf(await post('', push))

  /** What may pass is told to `persist` as such: a session may be lost, with its server or after its time. */
  async function failure(response: HttpResponse): Promise<Error> {
    const mayPass = response.status >= 500 || [404, 408, 416, 429].includes(response.status)
    const error = await refused(response, 'upload a layer')
    return mayPass ? new HttpError('status', error.sentence, { url: base, cause: error }) : error
  }

  /** `too-large`: something between us and the registry takes no such body. */
  async function whole({ digest, size }: Descriptor, open: OpenBlob, session: UploadSession) {
    const response = await send(
      {
        method: 'PUT',
        url: withDigest(session.url, digest),
        headers: { 'content-length': String(size), 'content-type': BINARY },
        body: () => open(),
        repeat: 'refused',
        timeout: TIMEOUT,
        signal,
      },
      push,
    )
    if (response.status !== 201 && response.status !== 413) throw await failure(response)
    await response.discard()
    return response.status === 201 ? 'stored' : 'too-large'
  }

  async function chunked({ digest, size }: Descriptor, open: OpenBlob, { url, least }: UploadSession) {
    let place: Place = { url, at: 0 }
    for (let chunk = Math.max(CHUNK, least), breaks = 0; place.at < size;) {
      const { at } = place
      const end = Math.min(at + chunk, size) - 1
      const sent = await patch(place.url, at, end, open).catch((error: unknown) => {
        if (error instanceof HttpError && breaks < 3) return undefined
        throw error
      })
      // Where it broke off, or is out of step, the registry knows how far it came.
      if (sent === undefined || sent.status === 416) {
        if (++breaks > 3)
          throw sent === undefined
            ? new HttpError('network', 'It breaks off.', { url: base })
            : await failure(sent)
        await sent?.discard()
        place = await standing(place.url)
      } else if (sent.status === 413 && chunk > SMALLEST && chunk >> 1 >= least) {
        await sent.discard()
        chunk >>= 1
      } else if (sent.status === 202 || sent.status === 201) {
        place = { url: next(sent) ?? place.url, at: end + 1 }
        await sent.discard()
      } else throw await failure(sent)
    }
    const headers = { 'content-length': '0', 'content-type': BINARY }
    const closed = withDigest(place.url, digest)
    const response = await send(
      { method: 'PUT', url: closed, headers, repeat: 'refused', timeout: TIMEOUT, signal },
      push,
    )
    if (response.status !== 201) throw await failure(response)
    await response.discard()
  }

  const patch = (url: URL, start: number, end: number, open: OpenBlob) =>
    send(
      {
        method: 'PATCH',
        url,
        headers: {
          'content-length': String(end - start + 1),
          'content-range': `${start}-${end}`,
          'content-type': BINARY,
        },
        body: () => open(start, end),
        repeat: 'refused',
        timeout: TIMEOUT,
        signal,
      },
      push,
    )

  async function standing(url: URL): Promise<Place> {
    const response = await send({ url, signal }, push)
    const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get('range') ?? '') ?? []
    if (response.status !== 204 && response.status !== 202) throw await failure(response)
    await response.discard()
    // `0-0` is nothing, or one byte: neither is worth the doubt.
    const at = Number(last ?? 0)
    return { url: next(response) ?? url, at: at === 0 ? 0 : at + 1 }
  }

  return {
    async begin(digest, from) {
      if (from === undefined) return fresh()
      const query = `?mount=${digest}&from=${encodeURIComponent(from)}`
      const response = await post(query, [...push, `repository:${from}:pull`])
      if (response.status === 202) return sessionOf(response)
      await response.discard()
      // Whatever speaks against the mount, rights or taste, need not speak against an upload.
      return response.status === 201 ? 'mounted' : fresh()
    },
    async send(blob, open, session) {
      let first: UploadSession | undefined = session
      let inChunks = false
      await persist(options, async () => {
        const opened: UploadSession | undefined =
          first ?? ((await hasBlob(blob.digest)) ? undefined : await fresh())
        first = undefined
        if (opened === undefined) return
        if (!inChunks) inChunks = (await whole(blob, open, opened)) === 'too-large'
        else return chunked(blob, open, opened)
        if (inChunks) await chunked(blob, open, await fresh())
      })
    },
  }
}

interface Place {
  url: URL
  /** The first byte that is not there. */
  at: number
}

function withDigest(session: URL, digest: Digest): URL {
  const url = new URL(session)
  url.searchParams.set('digest', digest)
  return url
}
