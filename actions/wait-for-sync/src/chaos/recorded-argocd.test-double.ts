// An Argo CD server that shows a recording as its time passes, over a network that is as bad as it can be.
import { readFileSync } from 'node:fs'
import { HttpError, type Http, type HttpRequest, type HttpResponse } from '@gitops-relay/http'
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Header } from './waiting.test-double.ts'

export interface ArgoHeader extends Header {
  application: string
}

interface Line {
  t: number
  source: string
  type: string
  object: { metadata?: { uid?: string }; nodes?: { name: string; uid: string }[] }
}

export interface Trace {
  header: ArgoHeader
  lines: Line[]
}

export function readTrace(scenario: string): Trace {
  const file = new URL(`../../../../packages/sync/test/traces/argocd/${scenario}.jsonl`, import.meta.url)
  const text = readFileSync(file, 'utf8').trim().replaceAll('\n', ',')
  const [header, ...lines]: [ArgoHeader, ...Line[]] = JSON.parse(`[${text}]`)
  return { header, lines }
}

/** Shares of requests, and milliseconds. */
export interface Weather {
  dropped: number
  failed: number
  garbage: number
  /** Of the events in a stream: it says nothing more from there on, and is not closed. */
  frozen: number
  /** How long a session lives. */
  session: number
  /** After so long every stream is cut. */
  cut: number
  /** When the server is away, from and to. */
  away: [from: number, to: number]
}

export const fair: Weather = {
  dropped: 0,
  failed: 0,
  garbage: 0,
  frozen: 0,
  session: Infinity,
  cut: Infinity,
  away: [0, 0],
}

const HTML = '<html><body>It works!</body></html>'

/** @param pushed when the commit of the recording was pushed, on the clock */
export function recordedArgoCd(
  { header, lines }: Trace,
  pushed: number,
  clock: Clock,
  random: Random,
  weather: Weather,
): Http {
  const sessions = new Map<string, number>()
  const isAway = () => clock.now() >= weather.away[0] && clock.now() < weather.away[1]
  const happens = (share: number) => random() < share
  /** The newest line of a source that is there by now. */
  const latest = (source: RegExp, which: (line: Line) => boolean = () => true) =>
    lines.findLast(line => pushed + line.t <= clock.now() && source.test(line.source) && which(line))

  async function* follow(source: RegExp, wrap: (object: object) => object, signal?: AbortSignal) {
    const end = Math.min(clock.now() + weather.cut, isFinite(weather.away[0]) ? nextAway() : Infinity)
    // The tree is streamed when it changes, and not before.
    const now = latest(source)
    if (now && !now.source.includes('tree')) yield frame(wrap(now.object))
    const coming = lines.filter(one => source.test(one.source) && pushed + one.t > clock.now())
    for (const line of [...coming, undefined]) {
      const at = line ? pushed + line.t : Infinity
      // A comment every 15 s keeps the connection.
      while (Math.min(at, end) - clock.now() > 15_000) {
        await clock.sleep(15_000, signal)
        yield new TextEncoder().encode(':\n\n')
      }
      await clock.sleep(Math.min(at, end) - clock.now(), signal)
      if (line === undefined || at > end) return
      if (happens(weather.frozen)) await clock.sleep(1e9, signal)
      if (happens(weather.garbage)) yield new TextEncoder().encode('data: {"result": {"typ\n\n')
      if (happens(weather.dropped / 10)) throw new HttpError('network', 'cut', { url: 'http://argocd/' })
      yield frame(wrap(line.object))
    }
  }
  const nextAway = () => (clock.now() < weather.away[0] ? weather.away[0] : Infinity)

  function answer(url: URL, token: string, signal?: AbortSignal): HttpResponse {
    const path = url.pathname.replace('/api/v1/', '')
    const event = { type: 'MODIFIED' }
    if (path === 'session') {
      const fresh = `session-${sessions.size}`
      sessions.set(fresh, clock.now() + weather.session)
      return reply(url, 200, { token: fresh })
    }
    if ((sessions.get(token) ?? 0) < clock.now()) return reply(url, 401, { message: 'token is expired' })
    if (path === 'stream/applications')
      return reply(
        url,
        200,
        follow(/^argocd\.(?:stream|get)$/, application => ({ result: { ...event, application } }), signal),
      )
    if (path.startsWith('stream/'))
      return reply(
        url,
        200,
        follow(/^argocd\.tree\.stream$/, result => ({ result }), signal),
      )
    if (path.endsWith('/resource-tree'))
      return reply(url, 200, latest(/^argocd\.tree\.stream$/)?.object ?? {})
    if (path.endsWith('/syncwindows'))
      return reply(url, 200, lines.find(({ source }) => /syncwindows/.test(source))?.object ?? {})
    if (path.endsWith('/resource')) {
      const name = url.searchParams.get('resourceName')
      const tree = latest(/^argocd\.tree\.stream$/)?.object
      const uid = tree?.nodes?.find(node => node.name === name)?.uid
      const pod = latest(/^argocd\.resource$/, ({ object }) => object.metadata?.uid === uid)
      return pod ? reply(url, 200, { manifest: JSON.stringify(pod.object) }) : reply(url, 404, {})
    }
    const found = latest(/^argocd\.(?:stream|get)$/)
    const isThere =
      found !== undefined && !found.type.startsWith('HTTP 404') && path.endsWith(header.application)
    return isThere ? reply(url, 200, found.object) : reply(url, 404, {})
  }

  return {
    send: async ({ url: to, headers = {}, signal, timeout = 30_000 }: HttpRequest) => {
      const url = new URL(to)
      signal?.throwIfAborted()
      await clock.sleep(1 + random() * 40, signal)
      if (isAway()) throw new HttpError('refused', 'Nothing listens here.', { url })
      if (happens(weather.dropped)) throw new HttpError('network', 'The connection was cut.', { url })
      if (happens(weather.dropped / 10)) {
        await clock.sleep(timeout, signal)
        throw new HttpError('timeout', 'The server fell silent.', { url })
      }
      if (happens(weather.failed)) return reply(url, 503, { message: 'upstream' })
      if (happens(weather.garbage)) return reply(url, 200, HTML)
      return answer(url, (headers['authorization'] ?? '').replace('Bearer ', ''), signal)
    },
  }
}

const frame = (value: object): Uint8Array => new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`)

function reply(url: URL, status: number, body: object | string | AsyncIterable<Uint8Array>): HttpResponse {
  const isStream = typeof body === 'object' && Symbol.asyncIterator in body
  const text = isStream ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type = isStream ? 'text/event-stream' : 'application/json'
  return {
    status,
    headers: new Headers({ 'content-type': type }),
    url: url.href,
    bytes: () => Promise.resolve(new TextEncoder().encode(text)),
    text: () => Promise.resolve(text),
    json: () => {
      if (text === HTML) return Promise.reject(new HttpError('not-json', HTML, { url }))
      return Promise.resolve(JSON.parse(text))
    },
    // oxlint-disable-next-line require-yield
    stream: () =>
      isStream
        ? body
        : (async function* () {
            yield new TextEncoder().encode(text)
          })(),
    discard: () => Promise.resolve(),
  }
}
