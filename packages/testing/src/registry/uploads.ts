// Upload sessions of blobs: whole, streamed or in chunks; the address of a session changes with every step, as it may.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { bodyOf } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import { refusal } from './refusal.ts'
import { matchesDigest } from './store.ts'
import type { Store } from './store.ts'

export interface UploadOptions {
  /** Bytes of one request that are taken; more is a 413. */
  largestBody: number
  /** Is a mount granted, where the source has the blob? */
  mount: boolean
  /** Bytes that every chunk but the last must have; 0: any. */
  leastChunk: number
}

export interface Uploads {
  /** POST: mounts, takes a blob in one request, or opens a session. */
  open(
    request: IncomingMessage,
    name: string,
    query: URLSearchParams,
    mayPull: (from: string) => boolean,
  ): Promise<Answer>
  /** GET, PATCH, PUT and DELETE of a session. */
  step(request: IncomingMessage, name: string, id: string, query: URLSearchParams): Promise<Answer>
  /** Forgets every session, as a registry that was restarted. */
  forget(): void
}

interface Session {
  name: string
  bytes: Buffer
  state: string
  /** Was there a chunk that can only be the last? */
  short: boolean
}

export function createUploads(store: Store, { largestBody, mount, leastChunk }: UploadOptions): Uploads {
  const sessions = new Map<string, Session>()

  const standing = (status: number, id: string, session: Session): Answer => {
    session.state = randomUUID()
    return {
      status,
      headers: {
        location: `/v2/${session.name}/blobs/uploads/${id}?_state=${session.state}`,
        range: `0-${Math.max(0, session.bytes.length - 1)}`,
        'docker-upload-uuid': id,
        ...(leastChunk === 0 ? {} : { 'oci-chunk-min-length': String(leastChunk) }),
      },
    }
  }

  const finish = (name: string, bytes: Buffer, digest: string | null): Answer => {
    if (digest === null || !matchesDigest(bytes, digest))
      return refusal('DIGEST_INVALID', 'provided digest did not match uploaded content')
    store.addBlob(name, bytes, digest)
    return created(name, digest)
  }

  return {
    async open(request, name, query, mayPull) {
      const [wanted, from] = [query.get('mount'), query.get('from')]
      if (mount && wanted !== null && from !== null && mayPull(from)) {
        const content = store.repositories.get(from)?.blobs.has(wanted) ? store.blobs.get(wanted) : undefined
        if (content !== undefined) return created(name, store.addBlob(name, content, wanted))
      }
      const body = await bodyOf(request)
      if (body.length > largestBody) return tooLarge(largestBody)
      if (query.has('digest')) return finish(name, body, query.get('digest'))
      const id = randomUUID()
      const session = { name, bytes: Buffer.alloc(0), state: '', short: false }
      sessions.set(id, session)
      return standing(202, id, session)
    },

    async step(request, name, id, query) {
      const session = sessions.get(id)
      if (session === undefined || session.name !== name)
        return refusal('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
      if (request.method === 'GET') return standing(204, id, session)
      if (query.get('_state') !== session.state)
        return refusal('BLOB_UPLOAD_INVALID', 'not the newest Location of this upload')
      if (request.method === 'DELETE') {
        sessions.delete(id)
        return { status: 204 }
      }
      const range = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '')
      if (range !== null && Number(range[1]) !== session.bytes.length) {
        const { headers } = standing(416, id, session)
        return { ...refusal('RANGE_INVALID', 'chunk out of order'), headers: headers ?? {} }
      }
      const body = await bodyOf(request)
      if (body.length > largestBody) return tooLarge(largestBody)
      if (range !== null && Number(range[2]) - Number(range[1]) + 1 !== body.length)
        return refusal('SIZE_INVALID', 'the chunk is not as long as its Content-Range')
      // The session may be gone by now: lost on demand while the body came.
      if (!sessions.has(id)) return refusal('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
      if (session.short && body.length > 0) return refusal('SIZE_INVALID', 'a chunk before was too short')
      session.short = body.length < leastChunk
      session.bytes = Buffer.concat([session.bytes, body])
      if (request.method === 'PATCH') return standing(202, id, session)
      if (request.method !== 'PUT') return refusal('UNSUPPORTED', 'unsupported')
      sessions.delete(id)
      return finish(name, session.bytes, query.get('digest'))
    },

    forget: () => sessions.clear(),
  }
}

function created(name: string, digest: string): Answer {
  return {
    status: 201,
    headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest },
  }
}

function tooLarge(limit: number): Answer {
  return refusal('TOO_LARGE', `more than ${limit} bytes in one request`)
}
