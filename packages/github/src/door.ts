// The only way out: octokit's `fetch`, on our own HTTP client, so that one policy of proxy, repeats and time holds.
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Http, HttpRequest, Repeatability } from '@gitops-relay/http'
import { limitDelay } from './rate-limit.ts'

export interface DoorOptions {
  http: Http
  clock: Clock
  random: Random
  /** Milliseconds since the epoch: no limit is waited out beyond it. */
  deadline: number
  /** Where the token may go; any other address is refused. */
  origins: readonly string[]
  say: (line: string) => void
}

/** As much of a `Response` as octokit reads. The body is here already, whole. */
export interface Reply {
  status: number
  url: string
  headers: Headers
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

export interface Init {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export type Fetch = (url: string, init?: Init) => Promise<Reply>

interface Kept {
  etag: string
  headers: Headers
  bytes: Uint8Array
}

/** Answers that are worth keeping for a conditional request, which costs nothing of the limit: number, bytes of each. */
const KEPT = 200
const KEPT_BYTES = 256 * 1024
const LIMIT = 64 << 20

/** One `fetch` per call, for each call knows how often it may be repeated. */
export function createDoor({ http, clock, random, deadline, origins, say }: DoorOptions) {
  const kept = new Map<string, Kept>()

  return ({ repeat, signal }: { repeat: Repeatability; signal: AbortSignal | undefined }): Fetch =>
    async (url, { method = 'GET', headers = {}, body } = {}) => {
      if (!origins.includes(new URL(url).origin))
        throw new Error(`A request would leave for ${new URL(url).origin}.`)
      const known = method === 'GET' ? kept.get(url) : undefined
      const request: HttpRequest = {
        method: methodOf(method),
        url,
        headers: known === undefined ? headers : { ...headers, 'if-none-match': known.etag },
        repeat,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      }
      for (let count = 0; ; count++) {
        const response = await http.send(request)
        if (response.status === 304 && known !== undefined) {
          await response.discard()
          return replyOf({ ...response, status: 200, headers: known.headers }, known.bytes)
        }
        const bytes = await response.bytes(LIMIT)
        const reply = replyOf(response, bytes)
        if (method === 'GET') keep(url, reply, bytes)
        const delay = limitDelay({ ...reply, body: decode(bytes.subarray(0, 4096)) }, count, clock.now())
        if (delay === undefined) return reply
        const wait = delay + random() * 1000
        if (clock.now() + wait > deadline) return reply
        say(`GitHub asks to wait for ${Math.ceil(wait / 1000)} s (${reply.status}).`)
        await clock.sleep(wait, signal)
      }
    }

  function keep(url: string, { status, headers }: Reply, bytes: Uint8Array): void {
    const etag = headers.get('etag')
    if (status !== 200 || etag === null || bytes.length > KEPT_BYTES) return
    const [oldest] = kept.keys()
    if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest)
    kept.set(url, { etag, headers, bytes })
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function methodOf(text: string): (typeof methods)[number] {
  const method = methods.find(name => name === text)
  if (method === undefined) throw new Error(`There is no method ${text}.`)
  return method
}

function replyOf(
  { status, url, headers }: Pick<Reply, 'status' | 'url' | 'headers'>,
  bytes: Uint8Array,
): Reply {
  return {
    status,
    url,
    headers,
    text: () => Promise.resolve(decode(bytes)),
    arrayBuffer: () => Promise.resolve(new Uint8Array(bytes).buffer),
  }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
