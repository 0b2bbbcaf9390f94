// The API of kube-apiserver over the store: paths, verbs, rights.
import type { IncomingMessage } from 'node:http'
import { bodyOf, json, type Answer } from '../loopback.ts'
import { authenticate, isAllowed, type KubeRule, type Tokens } from './access.ts'
import { apiVersionOf, KINDS, type Kind } from './kinds.ts'
import { createLists } from './lists.ts'
import { fieldSelector, labelSelector, selectedName } from './selectors.ts'
import {
  forbidden,
  noSuchPath,
  notFound,
  refusal,
  statusObject,
  tooOld,
  unauthorized,
  type Attributes,
} from './status.ts'
import type { Store } from './store.ts'
import type { Watches } from './watches.ts'
import { create, patch, remove, review } from './writes.ts'

export interface Authority {
  tokens: Tokens
  rules: readonly KubeRule[]
  /** Groups of the API that are not there. */
  missing: Set<string>
  /** How a watch from a forgotten state is refused: both are seen of real servers. */
  gone: 'status' | 'stream'
  now(): number
}

interface Target {
  group: string
  version: string
  plural: string
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
}

const REVIEWS = 'selfsubjectaccessreviews'

export function createApi(store: Store, watches: Watches, authority: Authority) {
  const lists = createLists()

  function watch(
    request: IncomingMessage,
    kind: Kind,
    namespace: string | undefined,
    query: URLSearchParams,
  ): Answer {
    const selector = fieldSelector(query.get('fieldSelector') ?? '')
    if (typeof selector === 'string') return refusal(400, 'BadRequest', selector)
    const labels = labelSelector(query.get('labelSelector') ?? '')
    const resourceVersion = query.get('resourceVersion') ?? ''
    const version = Number(resourceVersion)
    if (!Number.isInteger(version))
      return refusal(
        400,
        'BadRequest',
        `Invalid value: "${resourceVersion}": strconv.ParseUint: invalid syntax`,
      )
    if (version > store.version)
      return refusal(504, 'Timeout', `Too large resource version: ${version}, current: ${store.version}`, {
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      })
    if (version > 0 && version < store.oldest) {
      const status = tooOld(resourceVersion, store.version)
      return authority.gone === 'status'
        ? json(410, status)
        : {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: `${JSON.stringify({ type: 'ERROR', object: status })}\n`,
          }
    }
    return watches.open(request, {
      kind,
      namespace,
      isSelected: object => selector(object) && labels(object),
      resourceVersion,
      bookmarks: query.get('allowWatchBookmarks') === 'true',
      timeout: Number(query.get('timeoutSeconds') ?? 1800),
    })
  }

  function list(kind: Kind, namespace: string | undefined, query: URLSearchParams): Answer {
    const selector = fieldSelector(query.get('fieldSelector') ?? '')
    if (typeof selector === 'string') return refusal(400, 'BadRequest', selector)
    const labels = labelSelector(query.get('labelSelector') ?? '')
    const limit = Number(query.get('limit') ?? 0)
    const token = query.get('continue') ?? ''
    if (token !== '') return lists.next(kind, token, limit, store.oldest)
    const found = store.all(kind, namespace).filter(object => selector(object) && labels(object))
    return lists.first(kind, found, limit, store.version)
  }

  async function ofObject(
    request: IncomingMessage,
    kind: Kind,
    { namespace, name = '', subresource = '' }: Target,
  ): Promise<Answer> {
    const object = store.find(kind, namespace, name)
    if (object === undefined) return notFound(kind, name)
    if (!['', 'status'].includes(subresource))
      return refusal(404, 'NotFound', 'the server could not find the requested resource')
    if (request.method === 'GET') return json(200, object)
    if (request.method === 'DELETE') return remove(store, kind, namespace, name)
    if (request.headers['content-type'] !== 'application/merge-patch+json') {
      const message = `the body of the request was in an unknown format - accepted media types include: application/merge-patch+json`
      return refusal(415, 'UnsupportedMediaType', message)
    }
    const change = await bodyAsJson(request)
    return change === undefined ? badJson() : patch(store, kind, object, change, subresource, authority.now())
  }

  return async function answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const user = authenticate(request, authority.tokens, authority.now())
    if (user === undefined) return unauthorized()
    const query = url.searchParams
    const target = targetOf(url.pathname)
    if (target === undefined) return noSuchPath()
    const isWatch = ['1', 'true'].includes(query.get('watch') ?? '')
    const { group, plural, namespace, name, subresource } = target
    const verb = verbOf(request.method ?? '', name, isWatch)
    if (verb === undefined)
      return refusal(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      )
    const asked = name ?? selectedName(query.get('fieldSelector') ?? '')
    const attributes: Attributes = {
      verb,
      group,
      resource: subresource === undefined ? plural : `${plural}/${subresource}`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(asked === undefined ? {} : { name: asked }),
    }
    if (plural === REVIEWS && verb === 'create')
      return review(await bodyAsJson(request), user, authority.rules)
    if (!isAllowed(user, attributes, authority.rules)) return forbidden(user.user, attributes)
    const kind = KINDS.find(
      one => one.group === group && one.version === target.version && one.plural === plural,
    )
    if (kind === undefined || authority.missing.has(group)) return noSuchPath()
    if (name !== undefined) return ofObject(request, kind, target)
    if (verb === 'watch') return watch(request, kind, namespace, query)
    if (verb === 'list') return list(kind, namespace, query)
    const body = await bodyAsJson(request)
    return body === undefined
      ? badJson()
      : create(store, kind, namespace, withKind(body, kind), authority.now())
  }
}

function targetOf(path: string): Target | undefined {
  const [root, ...parts] = path.split('/').filter(Boolean).map(decodeURIComponent)
  const [group = '', version = '', ...rest] = root === 'api' ? ['', ...parts] : parts
  if (!['api', 'apis'].includes(root ?? '') || rest.length === 0) return undefined
  const isBelow = rest[0] === 'namespaces' && rest.length > 2
  const [plural = '', name, subresource] = isBelow ? rest.slice(2) : rest
  return { group, version, plural, namespace: isBelow ? rest[1] : undefined, name, subresource }
}

function verbOf(method: string, name: string | undefined, isWatch: boolean): string | undefined {
  if (method === 'GET') return name !== undefined ? 'get' : isWatch ? 'watch' : 'list'
  if (method === 'POST') return name === undefined ? 'create' : undefined
  return name === undefined ? undefined : { PATCH: 'patch', DELETE: 'delete' }[method]
}

async function bodyAsJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse((await bodyOf(request)).toString())
  } catch {
    return undefined
  }
}

const badJson = () => json(400, statusObject(400, 'BadRequest', 'the body of the request is not JSON'))
const withKind = (body: unknown, kind: Kind) => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  ...Object(body),
})
