// Argo CD's HTTP API as far as a wait uses it: session, list, get with refresh, stream, tree, sync, permissions.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import type { Clock } from '../../../http/src/clock.ts'
import { bodyOf, json } from '../loopback.ts'
import type { Answer } from '../loopback.ts'
import type { Application } from './application.ts'
import type { Managed } from './managed.ts'
import { project } from './projection.ts'
import { livePod, resourceTree } from './tree.ts'

export interface ApiOptions {
  token?: string
  username?: string
  password?: string
  syncWindows?: object
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface Api {
  answer(request: IncomingMessage, url: URL): Promise<Answer>
  /** Numbers the change and tells every open stream of it. */
  tell(type: EventType, application: Application): void
}

/** gRPC's codes, as the gateway turns them into HTTP. */
const codes = {
  NotFound: [5, 404],
  PermissionDenied: [7, 403],
  FailedPrecondition: [9, 400],
  Unauthenticated: [16, 401],
} as const

const keepAlive = 15_000

export function createApi(
  options: ApiOptions,
  applications: ReadonlyMap<string, Managed>,
  clock: Clock,
): Api {
  const streams = new Set<(type: EventType, application: Application) => void>()
  const sessions = new Set<string>()
  let version = 1000

  const isKnown = ({ headers }: IncomingMessage) => {
    if (options.token === undefined && options.password === undefined) return true
    const given = (headers.authorization ?? '').replace(/^Bearer /, '')
    return given !== '' && (given === options.token || sessions.has(given))
  }

  async function logIn(request: IncomingMessage): Promise<Answer> {
    const { username, password }: Record<string, unknown> = JSON.parse(
      (await bodyOf(request)).toString() || '{}',
    )
    const isRight =
      options.password === undefined ||
      (username === (options.username ?? 'admin') && password === options.password)
    if (!isRight) return refusal('Unauthenticated', 'Invalid username or password')
    const token = `stand-in.${randomBytes(16).toString('base64url')}`
    sessions.add(token)
    return json(200, { token })
  }

  function list(query: URLSearchParams): Answer {
    const items = [...applications.values()].map(({ application }) => application).filter(selected(query))
    // An empty list is null there, as Go writes it.
    const answer = {
      metadata: { resourceVersion: String(version) },
      items: items.length === 0 ? null : items,
    }
    return json(200, project(answer, query.get('fields')))
  }

  function stream(request: IncomingMessage, query: URLSearchParams): Answer {
    const isWanted = selected(query)
    return events(
      request,
      query,
      [...applications.values()].map(({ application }) => ({ type: 'ADDED', application })),
      (type, application) => (isWanted(application) ? { type, application } : undefined),
    )
  }

  /** The whole tree after each change, and nothing before: what stands has to be read beside the stream. */
  function streamTree(request: IncomingMessage, url: URL, name: string): Answer {
    const managed = applications.get(name)
    if (managed === undefined) return refusal('PermissionDenied', 'permission denied')
    return events(request, url.searchParams, [], (_, { metadata }) =>
      metadata.name === name ? resourceTree(managed) : undefined,
    )
  }

  /** Server-sent events or a line each, until the client goes. */
  function events(
    request: IncomingMessage,
    query: URLSearchParams,
    first: readonly object[],
    show: (type: EventType, application: Application) => object | undefined,
  ): Answer {
    const body = new PassThrough()
    const isEventStream = (request.headers.accept ?? '').includes('text/event-stream')
    let last = ''
    const write = (result: object | undefined) => {
      if (result === undefined) return
      const text = JSON.stringify(project({ result }, query.get('fields')))
      // Server-sent events leave out what looks the same as the event before.
      if (isEventStream && text === last) return
      last = text
      body.write(isEventStream ? `data: ${text} \n\n` : `${text}\n`)
    }
    const tell = (type: EventType, application: Application) => write(show(type, application))
    first.forEach(write)
    streams.add(tell)
    const closed = new AbortController()
    request.socket.once('close', () => {
      closed.abort()
      streams.delete(tell)
      body.end()
    })
    if (isEventStream) beat(body, closed.signal).catch(() => {})
    return {
      status: 200,
      headers: { 'content-type': isEventStream ? 'text/event-stream' : 'application/json' },
      body,
    }
  }

  async function beat(body: PassThrough, signal: AbortSignal) {
    for (;;) {
      await clock.sleep(keepAlive, signal)
      body.write(':\n\n')
    }
  }

  async function ofApplication(
    request: IncomingMessage,
    url: URL,
    name: string,
    rest: string,
  ): Promise<Answer> {
    const query = url.searchParams
    const managed = applications.get(name)
    const isHere = managed !== undefined && selected(query)(managed.application)
    if (!isHere) {
      // Without the project's name, absent and forbidden look alike.
      if (!query.get('project') && !query.get('projects'))
        return refusal('PermissionDenied', 'permission denied')
      return refusal('NotFound', `applications.argoproj.io "${name}" not found`)
    }
    const { application, source } = managed
    if (rest === '/resource-tree') return json(200, resourceTree(managed))
    if (rest === '/resource') {
      const pod = livePod(managed, query.get('namespace') ?? '', query.get('resourceName') ?? '')
      return pod === undefined || query.get('kind') !== 'Pod'
        ? refusal('NotFound', 'pod not found')
        : json(200, { manifest: JSON.stringify(pod) })
    }
    if (rest === '/syncwindows') return json(200, options.syncWindows ?? { canSync: true })
    if (rest === '/sync' && request.method === 'POST') {
      const started = await managed.sync('stand-in-user')
      return started
        ? json(200, application)
        : refusal('FailedPrecondition', 'another operation is already in progress')
    }
    const revision = /^\/revisions\/([0-9a-f]+)\/metadata$/.exec(rest)?.[1]
    if (revision !== undefined) {
      const metadata = await source.metadata(revision)
      return metadata === undefined
        ? refusal('NotFound', `unknown revision ${revision}`)
        : json(200, metadata)
    }
    if (rest !== '') return refusal('NotFound', 'Not Found')
    if (query.get('refresh')) await managed.refresh()
    return json(200, application)
  }

  return {
    async answer(request, url) {
      const path = decodeURIComponent(url.pathname)
      if (path === '/api/version') return json(200, { Version: 'v3.5.1+stand-in' })
      if (path === '/api/v1/session' && request.method === 'POST') return logIn(request)
      if (!isKnown(request)) return refusal('Unauthenticated', 'invalid session: no session information')
      if (path === '/api/v1/session/userinfo') return json(200, { loggedIn: true, username: 'stand-in-user' })
      if (path === '/api/v1/applications') return list(url.searchParams)
      if (path === '/api/v1/stream/applications') return stream(request, url.searchParams)
      const [, below] = /^\/api\/v1\/stream\/applications\/([^/]+)\/resource-tree$/.exec(path) ?? []
      if (below !== undefined) return streamTree(request, url, below)
      if (path.startsWith('/api/v1/account/can-i/')) return json(200, { value: 'yes' })
      const [, name, rest = ''] = /^\/api\/v1\/applications\/([^/]+)(\/.*)?$/.exec(path) ?? []
      return name === undefined ? refusal('NotFound', 'Not Found') : ofApplication(request, url, name, rest)
    },
    tell(type, application) {
      application.metadata.resourceVersion = String(++version)
      for (const show of streams) show(type, application)
    },
  }
}

function refusal(kind: keyof typeof codes, message: string): Answer {
  const [code, status] = codes[kind]
  return json(status, { error: message, code, message })
}

/** The applications that a query speaks of. */
function selected(query: URLSearchParams): (application: Application) => boolean {
  const projects = [...query.getAll('projects'), ...query.getAll('project')].filter(Boolean)
  const labels = (query.get('selector') ?? '')
    .split(',')
    .filter(Boolean)
    .map(label => label.split(/==?/))
  return ({ metadata, spec }: Application) =>
    (!query.get('name') || query.get('name') === metadata.name) &&
    (!query.get('appNamespace') || query.get('appNamespace') === metadata.namespace) &&
    (!query.get('repo') || query.get('repo') === spec.source.repoURL) &&
    (projects.length === 0 || projects.includes(spec.project)) &&
    labels.every(([name = '', value]) => metadata.labels?.[name.trim()] === value?.trim())
}
