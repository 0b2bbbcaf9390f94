// The Kubernetes API as far as a wait needs it: look, keep looking, and poke.
import { HttpError } from '@gitops-relay/http'
import { object, text, type Fields } from '../fields.ts'
import type { Connection } from './connection.ts'
import { listAll, type Listed, type Scope } from './list.ts'
import type { Machine } from './machine.ts'
import { createSend } from './requests.ts'
import { tidy, type KubeObject, type Place, type Resource } from './resource.ts'
import { watch, type WatchEvent } from './watch.ts'

/**
 * Thrown everywhere: UserError `kube-unauthorized`, `kube-forbidden`, `kube-not-installed`, `kube-tls` and those of the
 * credentials; HttpError for the network and other refusals; the signal's reason.
 */
export interface KubeClient {
  readonly connection: Connection
  /** Undefined where there is no such object. */
  get(
    resource: Resource,
    place: Place & { name: string },
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>
  list(resource: Resource, scope: Scope, signal: AbortSignal): Promise<Listed>
  /** Merges `change` into an object (RFC 7396), which comes to the same however often it is sent. Undefined where there is no such object. */
  patch(
    resource: Resource,
    place: Place & { name: string },
    change: Fields,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>
  /** Only for what leaves nothing behind, such as reviews: it may be sent more than once. */
  ask(resource: Resource, question: Fields, signal: AbortSignal): Promise<KubeObject>
  /** All that exists, `LISTED`, then each change; through every loss of connection, each state once. */
  watch(resource: Resource, scope: Scope, signal: AbortSignal): AsyncGenerator<WatchEvent, never>
}

/** Seconds after which the server ends a watch by itself, in good order. */
const WATCH = 290

export function createKubeClient(connection: Connection, machine: Machine): KubeClient {
  const send = createSend(connection, machine)
  const read = async (request: Parameters<typeof send>[0]): Promise<KubeObject> => {
    const item = object(await (await send(request)).json())
    return tidy(item, text(item['kind']), text(item['apiVersion']))
  }
  return {
    connection,
    get: (resource, place, signal) => read({ verb: 'get', resource, place, signal }).catch(absent),
    list: (resource, scope, signal) => listAll(send, resource, scope, signal),
    patch: (resource, place, change, signal) =>
      read({
        verb: 'patch',
        method: 'PATCH',
        resource,
        place,
        body: change,
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'gitops-relay' },
        signal,
      }).catch(absent),
    ask: (resource, question, signal) =>
      read({ verb: 'create', method: 'POST', resource, place: {}, body: question, signal }),
    watch(resource, scope, signal) {
      const { namespace, fieldSelector = '', labelSelector = '' } = scope
      const place = namespace === undefined ? {} : { namespace }
      const selected = {
        fieldSelector,
        labelSelector,
        allowWatchBookmarks: 'true',
        timeoutSeconds: `${WATCH}`,
      }
      const watched = {
        list: (either: AbortSignal) => listAll(send, resource, scope, either),
        open: (resourceVersion: string, either: AbortSignal) =>
          send({
            verb: 'watch',
            resource,
            place,
            query: { ...selected, watch: '1', resourceVersion },
            signal: either,
          }),
      }
      return watch(watched, signal, machine)
    },
  }
}

function absent(error: unknown): undefined {
  if (error instanceof HttpError && error.code === 'not-found') return undefined
  throw error
}
