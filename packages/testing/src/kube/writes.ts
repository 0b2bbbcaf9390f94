// Changes that come in over HTTP: create, merge patch, delete, and the question what one may do.
import { json, type Answer } from '../loopback.ts'
import { isAllowed, type KubeRule, type KubeUser } from './access.ts'
import { titleOf, type Kind } from './kinds.ts'
import { isMap, mergePatch, type KubeManifest, type StoredObject } from './objects.ts'
import type { Store } from './store.ts'
import { notFound, refusal, type Attributes } from './status.ts'

export function create(
  store: Store,
  kind: Kind,
  namespace: string | undefined,
  body: unknown,
  now: number,
): Answer {
  if (!isMap(body) || !isMap(body['metadata']) || typeof body['metadata']['name'] !== 'string')
    return refusal(
      422,
      'Invalid',
      `${kind.kind} "" is invalid: metadata.name: Required value: name is required`,
    )
  const { name } = body['metadata']
  if (store.find(kind, namespace, name) !== undefined) {
    const message = `${titleOf(kind)} ${JSON.stringify(name)} already exists`
    return refusal(409, 'AlreadyExists', message, { details: { name, kind: kind.plural } })
  }
  return json(
    201,
    store.put(manifestOf({ ...body, metadata: { ...body['metadata'], name, ...within(namespace) } }), now),
  )
}

/** Of an object whose status is a resource of its own, the one never changes the other. */
export function patch(
  store: Store,
  kind: Kind,
  previous: StoredObject,
  change: unknown,
  part: string,
  now: number,
): Answer {
  const { name, resourceVersion } = previous.metadata
  const expected =
    isMap(change) && isMap(change['metadata']) ? change['metadata']['resourceVersion'] : undefined
  if (expected !== undefined && expected !== resourceVersion) {
    const message = `Operation cannot be fulfilled on ${titleOf(kind)} "${name}": the object has been modified; please apply your changes to the latest version and try again`
    return refusal(409, 'Conflict', message, { details: { name, group: kind.group, kind: kind.plural } })
  }
  const merged = mergePatch(previous, change)
  if (!isMap(merged) || !isMap(merged['metadata']))
    return refusal(400, 'BadRequest', 'the patch leaves no object')
  const kept =
    part === 'status'
      ? { ...previous, status: merged['status'] }
      : {
          ...merged,
          status: previous['status'],
          metadata: { ...merged['metadata'], name, ...within(previous.metadata.namespace) },
        }
  return json(
    200,
    store.put(manifestOf({ ...kept, kind: previous.kind, apiVersion: previous.apiVersion }), now),
  )
}

export function remove(store: Store, kind: Kind, namespace: string | undefined, name: string): Answer {
  const removed = store.remove(kind, namespace, name)
  if (removed === undefined) return notFound(kind, name)
  const details = { name, group: kind.group, kind: kind.plural, uid: removed.metadata.uid }
  return json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}

export function review(body: unknown, user: KubeUser, rules: readonly KubeRule[]): Answer {
  const spec = isMap(body) && isMap(body['spec']) ? body['spec'] : {}
  const asked = spec['resourceAttributes']
  if (!isMap(asked)) {
    return refusal(
      422,
      'Invalid',
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec: Invalid value',
    )
  }
  const text = (field: string) => (typeof asked[field] === 'string' ? asked[field] : '')
  const attributes: Attributes = {
    verb: text('verb'),
    group: text('group'),
    resource: [text('resource'), text('subresource')].filter(Boolean).join('/'),
    ...within(text('namespace') || undefined),
    ...(text('name') === '' ? {} : { name: text('name') }),
  }
  const allowed = isAllowed(user, attributes, rules)
  return json(201, {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed, ...(allowed ? { reason: `RBAC: allowed by ClusterRoleBinding "test"` } : {}) },
  })
}

const within = (namespace: string | undefined) => (namespace === undefined ? {} : { namespace })

// What is not there at all is left out, as by any JSON.
function manifestOf(value: Record<string, unknown>): KubeManifest {
  const manifest = JSON.parse(JSON.stringify(value)) as KubeManifest // oxlint-disable-line no-unsafe-type-assertion -- its metadata was looked at
  // Who an object is and how often it has changed is the server's to say.
  delete manifest.metadata['uid']
  delete manifest.metadata['generation']
  return manifest
}
