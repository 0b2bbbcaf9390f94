// Everything that a query finds, in one consistent state, page by page.
import { HttpError } from '@gitops-relay/http'
import { array, object, text } from '../fields.ts'
import { isGone } from './refusal.ts'
import type { Send } from './requests.ts'
import { tidy, type KubeObject, type Resource } from './resource.ts'

export interface Scope {
  /** Undefined: all namespaces, or a resource of the cluster. */
  readonly namespace?: string
  /** As in `metadata.name=shop`. */
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

export interface Listed {
  readonly items: readonly KubeObject[]
  /** The state of all of it; a watch goes on from there. */
  readonly resourceVersion: string
}

const PAGE = 500
/** Bytes of one page. */
const LIMIT = 64 * 1024 * 1024

export async function listAll(
  send: Send,
  resource: Resource,
  scope: Scope,
  signal: AbortSignal,
): Promise<Listed> {
  try {
    return await pages(send, resource, scope, String(PAGE), signal)
  } catch (error) {
    // The server keeps the state of the first page for some minutes only.
    if (!isGone(error)) throw error
    return pages(send, resource, scope, '', signal)
  }
}

/** @param limit empty: all at once */
async function pages(
  send: Send,
  resource: Resource,
  { namespace, fieldSelector = '', labelSelector = '' }: Scope,
  limit: string,
  signal: AbortSignal,
): Promise<Listed> {
  const items: KubeObject[] = []
  const place = namespace === undefined ? {} : { namespace }
  for (let next = ''; ;) {
    const query = { fieldSelector, labelSelector, limit, continue: next }
    const response = await send({ verb: 'list', resource, place, query, signal })
    const page = object(await response.json(LIMIT))
    const { resourceVersion, continue: rest } = object(page['metadata'])
    if (text(resourceVersion) === '')
      throw new HttpError('protocol', 'The answer is no list of Kubernetes.', { url: response.url })
    const kind = text(page['kind']).replace(/List$/, '')
    for (const item of array(page['items'])) items.push(tidy(object(item), kind, text(page['apiVersion'])))
    next = text(rest)
    if (next === '') return { items, resourceVersion: text(resourceVersion) }
  }
}
