// Sees applications through an Argo CD server and tells what it sees, for as long as somebody wants to know.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import { insist } from '../watch/insist.ts'
import type { Observer, Tell } from '../watch/observer.ts'
import { createSight } from '../watch/sight.ts'
import type { Observation, PodState } from '../types.ts'
import { answer, messageOf, seen, unreadable } from './answers.ts'
import type { Application } from './application.ts'
import type { ApplicationName, ArgoServer, Filter } from './server.ts'

/** Milliseconds in which a stream has begun to tell. */
const ONCE_MORE = 2000

/** @param targets by the name that the user or the search gave them */
export function createObserver(
  server: ArgoServer,
  targets: ReadonlyMap<string, ApplicationName>,
  filter: Filter,
  clock: Clock,
): Observer {
  const [only] = targets.values()
  const scope: Filter = targets.size === 1 && only ? { ...filter, application: only } : filter
  const targetOf = ({ name, namespace }: Application) =>
    [...targets].find(
      ([, wanted]) => wanted.name === name && (wanted.namespace === '' || wanted.namespace === namespace),
    )?.[0]
  const absent = (target: string, cause: 'not-found' | 'hidden' | 'deleted'): Observation => ({
    kind: 'absent',
    at: clock.now(),
    target,
    cause,
  })
  const applications = createSight('target', clock)
  const pods = createSight('pods', clock)
  let order = 0
  /** Ends the connection that shows the applications, or the pods of a target. */
  const hangUp = new Map<string, () => void>()

  /** What the stream cannot say: that there is no such application, and what it missed while it was cut. */
  const getAll = async (tell: Tell, signal: AbortSignal) => {
    for (const [target, name] of targets) {
      const found = await server.get(name, signal)
      if (typeof found === 'string') tell(absent(target, found))
      else {
        applications.read(target, found.version)
        tell(seen(target, found, clock))
      }
    }
  }

  const follow = async (tell: Tell, signal: AbortSignal) => {
    for await (const { type, application } of server.stream(scope, signal)) {
      const target = targetOf(application)
      if (target === undefined) continue
      applications.shown(target, application.version).forEach(tell)
      tell(type === 'DELETED' ? absent(target, 'deleted') : seen(target, application, clock))
    }
  }

  /** The tree changes with every object; only pods are told, and only what is new of them. */
  const tellPods = (target: string, found: PodState[], tell: Tell) => {
    const mark = JSON.stringify(found)
    const isNew = pods.mark(target) !== mark
    pods.shown(target, mark).forEach(tell)
    if (isNew) tell({ kind: 'pods', at: clock.now(), target, pods: found, order: ++order })
  }

  /**
   * The stream tells changes, and not what stands; nor does anything say when it begins to. So the tree is read beside it,
   * and once more for what changed between the two.
   */
  const followPods = async (
    target: string,
    name: ApplicationName,
    tell: Tell,
    signal: AbortSignal,
    end: () => void,
  ) => {
    let streamed = 0
    const stream = async () => {
      for await (const found of server.pods(name, signal)) {
        streamed++
        tellPods(target, found, tell)
      }
    }
    const read = async () => {
      for (const pause of [0, ONCE_MORE]) {
        await clock.sleep(pause, signal)
        const before = streamed
        const found = await server.tree(name, signal)
        // What came by the stream meanwhile may be newer.
        if (streamed === before) tellPods(target, found, tell)
      }
    }
    await Promise.all([stream().finally(end), read()])
  }

  return {
    watch: (tell, signal) =>
      insist(
        async until => {
          const over = new AbortController()
          hangUp.set('', () => over.abort())
          const both = AbortSignal.any([until, over.signal])
          const end = () => {
            applications.ended().forEach(tell)
            over.abort()
          }
          await Promise.all([getAll(tell, both), follow(tell, both).finally(end)]).catch((error: unknown) => {
            if (!over.signal.aborted || error instanceof UserError) throw error
          })
        },
        error => {
          if (error instanceof UserError) throw error
          tell({ kind: 'trouble', at: clock.now(), detail: messageOf(error) })
        },
        clock,
        signal,
      ),
    attend: async (target, tell, signal) => {
      const name = targets.get(target)
      if (!name) return
      await insist(
        async until => {
          const over = new AbortController()
          hangUp.set(target, () => over.abort())
          await followPods(target, name, tell, AbortSignal.any([until, over.signal]), () => over.abort())
            .catch((error: unknown) => {
              if (!over.signal.aborted) throw error
            })
            .finally(() => pods.ended([target]).forEach(tell))
        },
        error => tell(unreadable(target, error, clock)),
        clock,
        signal,
      )
    },
    answer: (question, signal) => {
      const name = targets.get(question.target)
      return name ? answer(question, name, server, clock, signal) : Promise.resolve([])
    },
    confirm: async (tell, signal) => {
      await Promise.all(
        [...targets].map(async ([target, name]) => {
          const found = await server.get(name, signal)
          if (typeof found === 'string') return tell(absent(target, found))
          const missed = applications.read(target, found.version)
          missed.forEach(tell)
          if (missed.length > 0) hangUp.get('')?.()
          tell(seen(target, found, clock))
          if (pods.mark(target) === undefined) return
          const now = await server.tree(name, signal)
          const unseen = pods.read(target, JSON.stringify(now))
          if (unseen.length === 0) return
          unseen.forEach(tell)
          hangUp.get(target)?.()
          tell({ kind: 'pods', at: clock.now(), target, pods: now, order: ++order })
        }),
      )
    },
  }
}
