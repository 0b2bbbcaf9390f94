// Sees Kustomizations, and what stands beside them, through the Kubernetes API.
import { randomUUID } from 'node:crypto'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import { object, text, type Fields } from '../fields.ts'
import type { Observation } from '../types.ts'
import type { Observer, Tell } from '../watch/observer.ts'
import { createSight, type Unseen } from '../watch/sight.ts'
import { watchPods, type Cluster } from '../watch/pods.ts'
import { family } from './moments.ts'
import { nameOfObject, readFluxObject } from './object.ts'
import { isOwned } from './owner.ts'
import { KINDS, placeOf, resources, type Kind } from './resources.ts'
import { namespacesOf } from './namespaces.ts'

interface Scope {
  namespace?: string
}

interface Known {
  version: string
  state: ReturnType<typeof readFluxObject>
  manifest: Fields
}

/** @param targets names of Kustomizations, `Kustomization/namespace/name` */
export function createFluxObserver(client: Cluster, targets: readonly string[], clock: Clock): Observer {
  const known = new Map<string, Known>()
  const told = new Map<string, string>()
  const sight = createSight('target', clock)
  const pods = watchPods(client, clock)

  const states = () => new Map([...known].map(([name, one]) => [name, [one]]))
  const relativesOf = (target: string) => family(target, states()).filter(name => known.has(name))

  /** Only what the verdict on a target rests on. @param isBeside read beside the watches */
  const tellNews = (tell: Tell, isBeside = false) => {
    const missed = new Map<string, Unseen[]>()
    for (const target of targets) {
      for (const name of relativesOf(target)) {
        const { version = '', state } = known.get(name) ?? {}
        if (state !== undefined && told.get(name) !== version) {
          told.set(name, version)
          tell({ kind: 'flux', at: clock.now(), object: name, version, state })
          missed.set(name, isBeside ? sight.read(name, version) : sight.shown(name, version))
        }
        for (const one of missed.get(name) ?? []) tell({ ...one, target })
      }
    }
    pods.changed()
  }
  const tellGone = (name: string, tell: Tell) => {
    known.delete(name)
    if (told.delete(name)) tell({ kind: 'absent', at: clock.now(), target: name, cause: 'deleted' })
  }
  const learn = (manifest: Fields): string => {
    const name = nameOfObject(manifest)
    const { resourceVersion } = object(manifest['metadata'])
    known.set(name, { version: text(resourceVersion), state: readFluxObject(manifest), manifest })
    return name
  }

  /** Where each kind may be seen: everywhere, or only where the targets are. */
  const scopes = new Map<Kind, readonly Scope[]>()
  const own = [...new Set(targets.map(target => target.split('/')[1] ?? ''))]

  const followAll = async (kind: Kind, tell: Tell, listed: () => void, signal: AbortSignal) => {
    scopes.set(kind, [{}])
    try {
      await follow(kind, {}, tell, listed, signal)
    } catch (error) {
      if (!isCode(error, 'kube-forbidden')) throw error
      const places = own.map(namespace => ({ namespace }))
      scopes.set(kind, places)
      const waiting = new Set<Scope>(places)
      const done = (place: Scope) => {
        waiting.delete(place)
        if (waiting.size === 0) listed()
      }
      await Promise.all(places.map(place => follow(kind, place, tell, () => done(place), signal)))
    }
  }

  const follow = async (kind: Kind, scope: Scope, tell: Tell, listed: () => void, signal: AbortSignal) => {
    let isFirst = true
    for await (const event of client.watch(resources[kind], scope, signal)) {
      if (event.type === 'TROUBLE') tell({ kind: 'trouble', at: clock.now(), detail: event.error.message })
      else if (event.type !== 'LISTED') {
        if (event.type === 'DELETED') tellGone(nameOfObject(event.object, kind), tell)
        else learn(event.object)
        if (!isFirst) tellNews(tell)
      } else if (isFirst) {
        isFirst = false
        tellNews(tell)
        listed()
      } else {
        // What is listed anew may have changed more than once.
        for (const target of targets)
          for (const name of relativesOf(target).filter(one => one.startsWith(`${kind}/`)))
            for (const one of sight.missed(name)) tell({ ...one, target })
      }
    }
  }

  const watch = async (tell: Tell, signal: AbortSignal) => {
    const waiting = new Set<Kind>(KINDS)
    const settle = (kind: Kind) => {
      waiting.delete(kind)
      if (waiting.size > 0) return
      for (const target of targets)
        if (!known.has(target)) tell({ kind: 'absent', at: clock.now(), target, cause: 'not-found' })
    }
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    const all = KINDS.map(kind =>
      followAll(kind, tell, () => settle(kind), both).catch((error: unknown) => {
        if (both.aborted) return
        if (!isSpare(kind, error)) throw error
        scopes.delete(kind)
        settle(kind)
      }),
    )
    await Promise.all(all).finally(() => over.abort())
  }

  const poke = async (name: string, signal: AbortSignal): Promise<Observation> => {
    const at = placeOf(name)
    const failed = (detail: string): Observation => ({
      kind: 'refresh-failed',
      at: clock.now(),
      target: name,
      detail,
    })
    if (at === undefined) return failed(`${name} cannot be asked.`)
    const annotations = { 'reconcile.fluxcd.io/requestedAt': `gitops-relay-${randomUUID()}` }
    try {
      const patched = await client.patch(at.resource, at.place, { metadata: { annotations } }, signal)
      if (patched === undefined) return failed(`There is no ${name}.`)
      const { resourceVersion } = object(patched['metadata'])
      return { kind: 'refreshed', at: clock.now(), target: name, version: text(resourceVersion) }
    } catch (error) {
      if (signal.aborted) throw error
      return failed(error instanceof Error ? error.message : String(error))
    }
  }

  const releasesOf = (target: string) =>
    new Set(relativesOf(target).filter(name => name.startsWith('HelmRelease/')))

  return {
    watch,
    attend: (target, tell, signal) =>
      pods.attend(
        target,
        {
          namespaces: () =>
            namespacesOf([target, ...releasesOf(target)].map(name => known.get(name)?.manifest ?? {})),
          counts: workload => isOwned(target, releasesOf(target))(workload),
        },
        tell,
        signal,
      ),
    answer: async (question, signal) =>
      question.ask === 'refresh' ? [await poke(question.target, signal)] : [],
    confirm: async (tell, signal) => {
      const kinds = KINDS.filter(kind => [...known.keys()].some(name => name.startsWith(`${kind}/`)))
      const lists = await Promise.all(
        kinds.flatMap(kind =>
          (scopes.get(kind) ?? []).map(scope => client.list(resources[kind], scope, signal)),
        ),
      )
      const present = new Set(lists.flatMap(({ items }) => items.map(learn)))
      for (const name of known.keys()) if (!present.has(name)) tellGone(name, tell)
      tellNews(tell, true)
      await pods.confirm(tell, signal)
    },
  }
}

/** All objects of Flux that may matter. Thrown: UserError, HttpError. */
export async function listFlux(cluster: Cluster, signal: AbortSignal): Promise<Fields[]> {
  const lists = KINDS.map(kind =>
    cluster.list(resources[kind], {}, signal).catch((error: unknown) => {
      if (!isSpare(kind, error)) throw error
      return { items: [] }
    }),
  )
  return (await Promise.all(lists)).flatMap(({ items }) => items)
}

/** Most clusters lack some of the kinds, and a role the right to see sources that nobody uses. */
function isSpare(kind: Kind, error: unknown): boolean {
  if (isCode(error, 'kube-not-installed')) return kind !== 'Kustomization'
  return isCode(error, 'kube-forbidden') && (kind === 'OCIRepository' || kind === 'Bucket')
}

const isCode = (error: unknown, code: string): boolean => error instanceof UserError && error.code === code
