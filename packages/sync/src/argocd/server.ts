// The HTTP API of an Argo CD server, as far as a wait needs it.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError, type Http, type HttpResponse } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { FIELDS, readApplication, type Application } from './application.ts'
import { array, object, text, type Fields } from '../fields.ts'
import type { Containers, PodState } from '../types.ts'
import type { Session } from './session.ts'
import { readEvents, readResults, type ApplicationEvent } from './stream.ts'
import { readContainers } from '../pods/read.ts'
import { createPodReader } from './pod-reader.ts'

export interface ApplicationName {
  name: string
  /** Where applications may live in any namespace; empty is Argo CD's own. */
  namespace: string
}

export interface Filter {
  project: string
  selector: string
  /** Only this application. */
  application?: ApplicationName
}

export interface ArgoServer {
  /** From the server's cache, which may be a moment old; filtered by what the token may see, silently. */
  list(filter: Filter, signal: AbortSignal): Promise<Application[]>
  /** `hidden`: without the project's name the server says 403 to both absent and forbidden. */
  get(name: ApplicationName, signal: AbortSignal): Promise<Application | 'not-found' | 'hidden'>
  /** Asks the controller to compare now and waits until it has, for a short time of its own. Thrown: HttpError when it has not. */
  refresh(name: ApplicationName, signal: AbortSignal): Promise<Application | undefined>
  /** Every present state as ADDED, then each change; ends when the connection does. */
  stream(filter: Filter, signal: AbortSignal): AsyncIterable<ApplicationEvent>
  /** Do sync windows keep the automation from syncing? The server's own `canSync` speaks of syncs by hand. */
  windows(name: ApplicationName, signal: AbortSignal): Promise<{ closed: boolean; detail: string }>
  /** The pods, whenever something changed below the application; ends when the connection does. */
  pods(name: ApplicationName, signal: AbortSignal): AsyncIterable<PodState[]>
  /** The same, once. */
  tree(name: ApplicationName, signal: AbortSignal): Promise<PodState[]>
  /** What runs in a pod; undefined where it is gone. @param pod `namespace/name` */
  containers(name: ApplicationName, pod: string, signal: AbortSignal): Promise<Containers | undefined>
  /** When a commit was made, by its own date; undefined when the server does not say. */
  commitTime(name: ApplicationName, revision: string, signal: AbortSignal): Promise<number | undefined>
}

/** A refresh hangs while the controller is down, or the application is not reconciled; then a plain GET says why. */
const REFRESH_TIMEOUT = 15_000

/** @param project narrows everything; it also makes absent and forbidden applications different. Thrown everywhere: UserError for 401 and a certain 403, HttpError for the network */
export function createArgoServer(
  http: Http,
  server: URL,
  session: Session,
  project: string,
  clock: Clock,
): ArgoServer {
  const send = async (
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
    more: { accept?: string; timeout?: number } = {},
  ): Promise<HttpResponse> => {
    const url = new URL(`api/v1/${path}`, server)
    for (const [name, value] of Object.entries(query)) if (value !== '') url.searchParams.set(name, value)
    const attempt = async () =>
      http.send({
        url,
        headers: {
          authorization: `Bearer ${await session.token(signal)}`,
          accept: more.accept ?? 'application/json',
        },
        signal,
        ...(more.timeout === undefined ? {} : { timeout: more.timeout, repeat: 'once' as const }),
      })
    const response = await attempt()
    if (response.status !== 401 || !session.renew()) return response
    await response.discard()
    return attempt()
  }
  const read = async (response: HttpResponse): Promise<unknown> => {
    if (response.status !== 200) throw await refusal(response, server)
    return response.json()
  }
  const at = ({ name, namespace }: ApplicationName, below = '') =>
    [`applications/${encodeURIComponent(name)}${below}`, { project, appNamespace: namespace }] as const
  const isAllowed = async (name: string, signal: AbortSignal) => {
    const response = await send(
      `account/can-i/applications/get/${project}/${encodeURIComponent(name)}`,
      {},
      signal,
    )
    return text(object(await read(response))['value']) === 'yes'
  }

  const manifestOf = async (name: ApplicationName, pod: string, signal: AbortSignal) => {
    const [namespace = '', resourceName = ''] = pod.split('/')
    const [path, query] = at(name, '/resource')
    const which = { namespace, resourceName, version: 'v1', group: '', kind: 'Pod' }
    const response = await send(path, { ...query, ...which }, signal)
    if (response.status === 404) {
      await response.discard()
      return undefined
    }
    const manifest = text(object(await read(response))['manifest'])
    return object(JSON.parse(manifest === '' ? '{}' : manifest))
  }
  const readPods = createPodReader(manifestOf)

  return {
    list: async ({ project: projects, selector }, signal) => {
      const fields = ['metadata.resourceVersion', ...FIELDS.map(field => `items.${field}`)].join(',')
      const answer = await read(await send('applications', { projects, selector, fields }, signal))
      return array(object(answer)['items']).map(readApplication)
    },
    get: async (name, signal) => {
      const response = await send(...at(name), signal)
      if (response.status === 404) return 'not-found'
      if (response.status !== 403) return readApplication(await read(response))
      if (project === '') return 'hidden'
      if (await isAllowed(name.name, signal)) return 'not-found'
      throw await refusal(response, server)
    },
    refresh: async (name, signal) => {
      const [path, query] = at(name)
      const response = await send(path, { ...query, refresh: 'normal' }, signal, { timeout: REFRESH_TIMEOUT })
      if (response.status === 200) return readApplication(await response.json())
      await response.discard()
      return undefined
    },
    stream: async function* ({ project: projects, selector, application }, signal) {
      const fields = ['result.type', 'error', ...FIELDS.map(field => `result.application.${field}`)].join(',')
      const { name = '', namespace = '' } = application ?? {}
      const query = { projects, selector, name, appNamespace: namespace, fields }
      const response = await send('stream/applications', query, signal, { accept: 'text/event-stream' })
      if (response.status !== 200) throw await refusal(response, server)
      yield* readEvents(response, clock)
    },
    pods: async function* (name, signal) {
      const [path, query] = at(name, '/resource-tree')
      const response = await send(`stream/${path}`, query, signal, { accept: 'text/event-stream' })
      if (response.status !== 200) throw await refusal(response, server)
      for await (const tree of readResults(response, clock)) yield await readPods(name, tree, signal)
    },
    tree: async (name, signal) =>
      readPods(name, await read(await send(...at(name, '/resource-tree'), signal)), signal),
    containers: async (name, pod, signal) => {
      const manifest = await manifestOf(name, pod, signal)
      return manifest && readContainers(manifest)
    },
    windows: async (name, signal) => readWindows(await read(await send(...at(name, '/syncwindows'), signal))),
    commitTime: async (name, revision, signal) => {
      const response = await send(...at(name, `/revisions/${revision}/metadata`), signal, { timeout: 5000 })
      if (response.status !== 200) return undefined
      const date = Date.parse(text(object(await response.json())['date']))
      return Number.isNaN(date) ? undefined : date
    },
  }
}

function readWindows(answer: unknown): { closed: boolean; detail: string } {
  const windows = (name: string) => array(object(answer)[name]).map(object)
  const active = windows('activeWindows')
  const denied = active.find(window => window['kind'] === 'deny')
  if (denied) return { closed: true, detail: `${describe(denied)} is active.` }
  const allows = windows('assignedWindows').filter(window => window['kind'] === 'allow')
  const closed = allows.length > 0 && !active.some(window => window['kind'] === 'allow')
  return { closed, detail: closed ? `none of ${allows.map(describe).join(', ')} is open.` : '' }
}

const describe = (window: Fields): string =>
  `${text(window['kind'])} "${text(window['schedule'])}" for ${text(window['duration'])}`

/** What a status other than 200 means: a thing to mend for the user, or a fault that may pass. */
async function refusal(response: HttpResponse, server: URL): Promise<Error> {
  const { message } = object(await response.json().catch(() => ({})))
  const said = text(message) === '' ? '' : `: ${text(message)}`
  if (response.status === 401) {
    const sentence = `Argo CD at ${server.host} does not accept the credentials${said}.`
    return new UserError(
      'argocd-unauthorized',
      sentence,
      'Give a valid "argocd-token", or "argocd-username" and "argocd-password".',
    )
  }
  if (response.status === 403) {
    const sentence = `Argo CD at ${server.host} forbids it${said}.`
    return new UserError(
      'argocd-forbidden',
      sentence,
      'Give the role of the token "applications, get" on these applications.',
    )
  }
  if (response.status === 404) {
    const sentence = `There is no Argo CD API at ${server.href}${said}.`
    return new UserError(
      'argocd-not-found',
      sentence,
      'Check "argocd-server", and its path where it has one.',
    )
  }
  return new HttpError('status', `Argo CD answers ${response.status}${said}.`, {
    url: response.url,
    status: response.status,
  })
}
