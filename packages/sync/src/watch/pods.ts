// The pods of targets, through the Kubernetes API: one watch for each kind and namespace, however many targets are there.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Fields } from '../fields.ts'
import type { KubeClient, Resource } from '../kube/index.ts'
import { nameOf, readPods } from '../pods/read.ts'
import type { Tell } from './observer.ts'
import { createSight } from './sight.ts'

/** The part of the client that looks and pokes. */
export type Cluster = Pick<KubeClient, 'get' | 'list' | 'patch' | 'watch'>

/** Whose pods: read anew at each change, since a target may grow. */
export interface Whose {
  namespaces(): readonly string[]
  counts(workload: Fields): boolean
}

export interface PodWatch {
  /** Tells until the signal is aborted. */
  attend(target: string, whose: Whose, tell: Tell, signal: AbortSignal): Promise<void>
  /** Somebody's namespaces may be others now. */
  changed(): void
  /** Reads the pods once more, beside the watches. */
  confirm(tell: Tell, signal: AbortSignal): Promise<void>
}

const apps = (plural: string): Resource => ({ group: 'apps', version: 'v1', plural })
const WATCHED: readonly { kind: string; resource: Resource }[] = [
  { kind: 'Deployment', resource: apps('deployments') },
  { kind: 'ReplicaSet', resource: apps('replicasets') },
  { kind: 'StatefulSet', resource: apps('statefulsets') },
  { kind: 'DaemonSet', resource: apps('daemonsets') },
  { kind: 'ControllerRevision', resource: apps('controllerrevisions') },
  { kind: 'Rollout', resource: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts' } },
  { kind: 'Pod', resource: { group: '', version: 'v1', plural: 'pods' } },
]
/** A right or a kind that need not be there; the pods of what it would show do not count. */
const SPARE = new Set(['controllerrevisions', 'rollouts'])

type Found = ReturnType<typeof readPods>

interface User {
  look: () => void
  missed: () => void
}

interface Place {
  manifests: Map<string, Fields>
  /** Kinds that have not been listed yet. */
  waiting: Set<string>
  forbidden: UserError | undefined
  users: Set<User>
  stop: AbortController
  done: Promise<unknown>
}

export function watchPods(client: Cluster, clock: Clock): PodWatch {
  const places = new Map<string, Place>()
  const sight = createSight('pods', clock)
  const attended = new Map<string, Whose & User>()
  const told = new Map<string, string>()
  let order = 0

  const follow = async (resource: Resource, namespace: string, place: Place) => {
    for await (const event of client.watch(resource, { namespace }, place.stop.signal)) {
      if (event.type === 'LISTED') {
        // What is listed anew may have changed more than once.
        const isFirst = place.waiting.delete(resource.plural)
        place.users.forEach(({ missed, look }) => (isFirst ? look() : missed()))
      } else if (event.type !== 'TROUBLE') {
        const name = nameOf(event.object)
        if (event.type === 'DELETED') place.manifests.delete(name)
        else place.manifests.set(name, event.object)
        place.users.forEach(({ look }) => look())
      }
    }
  }

  const open = (namespace: string): Place => {
    const stop = new AbortController()
    const waiting = new Set(WATCHED.map(({ resource }) => resource.plural))
    const place: Place = {
      manifests: new Map(),
      waiting,
      forbidden: undefined,
      users: new Set(),
      stop,
      done: Promise.resolve(),
    }
    const watches = WATCHED.map(({ resource }) =>
      follow(resource, namespace, place).catch((error: unknown) => {
        if (stop.signal.aborted) return
        place.waiting.delete(resource.plural)
        if (!SPARE.has(resource.plural) && error instanceof UserError) place.forbidden ??= error
        place.users.forEach(({ look }) => look())
      }),
    )
    place.done = Promise.all(watches)
    return place
  }

  const use = (namespace: string, user: User): Place => {
    const place = places.get(namespace) ?? open(namespace)
    places.set(namespace, place)
    place.users.add(user)
    return place
  }
  const leave = async (namespace: string, user: User) => {
    const place = places.get(namespace)
    place?.users.delete(user)
    if (place === undefined || place.users.size > 0) return
    places.delete(namespace)
    place.stop.abort()
    await place.done
  }

  const read = (whose: Whose, manifests: Iterable<Fields>) =>
    readPods(manifests, workload => whose.counts(workload))
  const tellPods = (target: string, found: Found, tell: Tell) => {
    const at = clock.now()
    for (const { containers } of found) {
      const key = `${target} ${containers.uid}`
      if (told.get(key) === containers.version) continue
      told.set(key, containers.version)
      tell({ kind: 'containers', at, target, ...containers })
    }
    tell({ kind: 'pods', at, target, pods: found.map(({ state }) => state), order: ++order })
  }

  return {
    attend: async (target, whose, tell, signal) => {
      const used = new Map<string, Place>()
      const refused = new Set<UserError>()
      const look = () => {
        for (const namespace of whose.namespaces())
          if (!used.has(namespace)) used.set(namespace, use(namespace, user))
        const all = [...used.values()]
        for (const { forbidden } of all) {
          if (forbidden === undefined || refused.has(forbidden)) continue
          refused.add(forbidden)
          tell({ kind: 'unreadable', at: clock.now(), target, forbidden: true, detail: forbidden.message })
        }
        if (all.some(({ waiting, forbidden }) => waiting.size > 0 || forbidden)) return
        const found = read(
          whose,
          all.flatMap(({ manifests }) => [...manifests.values()]),
        )
        const marks = marksOf(target, found)
        const isNew = marks.some(([key, mark]) => sight.mark(key) !== mark)
        for (const [key, mark] of marks) sight.shown(key, mark)
        if (isNew) tellPods(target, found, tell)
      }
      const user = { look, missed: () => sight.missed(target).forEach(tell) }
      attended.set(target, { ...whose, ...user })
      look()
      await new Promise<void>(resolve => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      attended.delete(target)
      await Promise.all([...used.keys()].map(namespace => leave(namespace, user)))
    },
    changed: () => attended.forEach(({ look }) => look()),
    confirm: async (tell, signal) => {
      const fresh = new Map<string, readonly Fields[]>()
      for (const [target, whose] of attended) {
        if (sight.mark(target) === undefined) continue
        const namespaces = whose
          .namespaces()
          .filter(namespace => places.get(namespace)?.forbidden === undefined)
        for (const namespace of namespaces) {
          if (fresh.has(namespace)) continue
          const kinds = new Set(
            [...(places.get(namespace)?.manifests.values() ?? [])].map(({ kind }) => kind),
          )
          const lists = WATCHED.filter(({ kind }) => kind === 'Pod' || kinds.has(kind)).map(({ resource }) =>
            client.list(resource, { namespace }, signal),
          )
          fresh.set(
            namespace,
            (await Promise.all(lists)).flatMap(({ items }) => items),
          )
        }
        const found = read(
          whose,
          namespaces.flatMap(namespace => fresh.get(namespace) ?? []),
        )
        const missed = marksOf(target, found).flatMap(([key, mark]) => sight.read(key, mark))
        if (missed.length === 0) continue
        for (const one of missed) tell({ ...one, target })
        tellPods(target, found, tell)
      }
    },
  }
}

/** Of each pod, and of which there are. */
const marksOf = (target: string, found: Found): [key: string, mark: string][] => [
  [
    target,
    found
      .map(({ state }) => state.uid)
      .sort()
      .join(),
  ],
  ...found.map(({ state: { uid, version, current } }): [string, string] => [
    `${target} ${uid}`,
    `${version} ${current}`,
  ]),
]
