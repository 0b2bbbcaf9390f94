// The state of a cluster: objects, one counter for every change, and a window of what changed.
import { randomUUID } from 'node:crypto'
import { apiVersionOf, KINDS, type Kind } from './kinds.ts'
import { isEqual, type KubeManifest, type StoredObject } from './objects.ts'

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  kind: Kind
  version: number
  object: StoredObject
  /** As it was before; what a selector saw of it until now. */
  previous: StoredObject | undefined
}

export interface Store {
  readonly version: number
  /** Changes before it are forgotten. */
  readonly oldest: number
  kindOf(manifest: { apiVersion: string; kind: string }): Kind
  find(kind: Kind, namespace: string | undefined, name: string): StoredObject | undefined
  /** In the order of etcd's keys. */
  all(kind: Kind, namespace?: string): StoredObject[]
  everything(): StoredObject[]
  /** Creates or replaces; what is the same already is no change. */
  put(manifest: KubeManifest, now: number): StoredObject
  remove(kind: Kind, namespace: string | undefined, name: string): StoredObject | undefined
  since(version: number): Change[]
  forget(): void
  subscribe(listener: (change: Change) => void): () => void
}

/** @param window changes that are remembered */
export function createStore(window: number): Store {
  const objects = new Map<string, { kind: Kind; object: StoredObject }>()
  const listeners = new Set<(change: Change) => void>()
  let history: Change[] = []
  let version = 1000
  let oldest = 1000

  function record(change: Change) {
    history.push(change)
    if (history.length > window) {
      history = history.slice(-window)
      oldest = (history[0]?.version ?? version) - 1
    }
    for (const listener of listeners) listener(change)
  }

  const store: Store = {
    get version() {
      return version
    },
    get oldest() {
      return oldest
    },
    kindOf(manifest) {
      const found = KINDS.find(one => one.kind === manifest.kind && apiVersionOf(one) === manifest.apiVersion)
      if (found === undefined) throw new Error(`There is no ${manifest.kind} in ${manifest.apiVersion} here.`)
      return found
    },
    find: (kind, namespace, name) => objects.get(keyOf(kind, namespace, name))?.object,
    all: (kind, namespace) =>
      [...objects]
        .filter(([, entry]) => entry.kind === kind)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, entry]) => entry.object)
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    everything: () => [...objects.values()].map(({ object }) => object),
    put(manifest, now) {
      const kind = store.kindOf(manifest)
      const { name, namespace } = manifest.metadata
      const key = keyOf(kind, namespace, name)
      const previous = objects.get(key)?.object
      const object = complete(manifest, kind, previous, now)
      if (previous !== undefined && isEqual(object, previous)) return previous
      object.metadata.resourceVersion = String(++version)
      objects.set(key, { kind, object })
      record({ type: previous ? 'MODIFIED' : 'ADDED', kind, version, object, previous })
      return object
    },
    remove(kind, namespace, name) {
      const key = keyOf(kind, namespace, name)
      const previous = objects.get(key)?.object
      if (previous === undefined) return undefined
      objects.delete(key)
      const object = structuredClone(previous)
      object.metadata.resourceVersion = String(++version)
      record({ type: 'DELETED', kind, version, object, previous })
      return object
    },
    since: wanted => history.filter(change => change.version > wanted),
    forget() {
      history = []
      // Whatever was listed until now is too old.
      oldest = ++version
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return store
}

const keyOf = (kind: Kind, namespace: string | undefined, name: string) =>
  `${kind.group}/${kind.plural}/${kind.isNamespaced ? (namespace ?? 'default') : ''}/${name}`

/** What the server adds to an object: who it is, and how often what is wanted has changed; a recording brings its own. */
function complete(
  manifest: KubeManifest,
  kind: Kind,
  previous: StoredObject | undefined,
  now: number,
): StoredObject {
  const { metadata, ...rest } = structuredClone(manifest)
  const isChanged = previous !== undefined && !isEqual(rest['spec'], previous['spec'])
  const creation = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    ...rest,
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: {
      ...metadata,
      ...(kind.isNamespaced ? { namespace: metadata.namespace ?? 'default' } : {}),
      uid: typeof metadata['uid'] === 'string' ? metadata['uid'] : (previous?.metadata.uid ?? randomUUID()),
      resourceVersion: previous?.metadata.resourceVersion ?? '',
      creationTimestamp: previous?.metadata.creationTimestamp ?? creation,
      generation:
        typeof metadata['generation'] === 'number'
          ? metadata['generation']
          : (previous?.metadata.generation ?? 1) + (isChanged ? 1 : 0),
      managedFields: [{ manager: 'test', operation: 'Update', apiVersion: manifest.apiVersion }],
    },
  }
}
