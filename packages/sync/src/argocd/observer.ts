// Sees applications through an Argo CD server and tells what it sees, for as long as somebody wants to know.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Observation, Question } from '../types.ts'
import type { Application } from './application.ts'
import type { ApplicationName, ArgoServer, Filter } from './server.ts'

export interface Observer {
  /** Tells until the signal is aborted; ends otherwise only by an error that waiting cannot mend (UserError). */
  watch(tell: (observation: Observation) => void, signal: AbortSignal): Promise<void>
  /** Tells of the pods of a target until the signal is aborted. */
  attend(target: string, tell: (observation: Observation) => void, signal: AbortSignal): Promise<void>
  /** The answer to a question about a target; a failed attempt is an answer, too. */
  answer(question: Exclude<Question, { ask: 'revision' }>, signal: AbortSignal): Promise<Observation[]>
}

/** Milliseconds between connections while they fail, doubled each time. */
/** Pods that are read at the same time. */
const AT_ONCE = 4
const PAUSE = { first: 500, longest: 10_000 }

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
  const seen = (target: string, { version, state }: Application): Observation => ({
    kind: 'application',
    at: clock.now(),
    target,
    version,
    state,
  })
  const trouble = (error: unknown): Observation => ({
    kind: 'trouble',
    at: clock.now(),
    detail: messageOf(error),
  })

  const unreadable = (target: string, error: unknown): Observation => ({
    kind: 'unreadable',
    at: clock.now(),
    target,
    forbidden: error instanceof UserError,
    detail: messageOf(error),
  })

  const readAll = async (
    name: ApplicationName,
    { target, pods }: Extract<Question, { ask: 'containers' }>,
    signal: AbortSignal,
  ): Promise<Observation[]> => {
    const found: Observation[] = []
    const waiting = [...pods]
    const work = async () => {
      for (let pod = waiting.shift(); pod; pod = waiting.shift()) {
        const read = await server.containers(name, pod.name, signal)
        if (read) found.push({ kind: 'containers', at: clock.now(), target, ...read })
      }
    }
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    } catch (error) {
      if (signal.aborted) throw error
      found.push(unreadable(target, error))
    }
    return found
  }

  /** What the stream cannot say: that there is no such application, and what it missed while it was cut. */
  const getAll = async (tell: (observation: Observation) => void, signal: AbortSignal) => {
    for (const [target, name] of targets) {
      const found = await server.get(name, signal)
      tell(
        typeof found === 'string'
          ? { kind: 'absent', at: clock.now(), target, cause: found }
          : seen(target, found),
      )
    }
  }

  const follow = async (tell: (observation: Observation) => void, signal: AbortSignal) => {
    for await (const { type, application } of server.stream(scope, signal)) {
      const target = targetOf(application)
      if (target === undefined) continue
      tell(
        type === 'DELETED'
          ? { kind: 'absent', at: clock.now(), target, cause: 'deleted' }
          : seen(target, application),
      )
    }
  }

  /** Connects again and again until the signal is aborted. */
  const insist = async (
    connect: (signal: AbortSignal) => Promise<unknown>,
    fail: (error: unknown) => void,
    signal: AbortSignal,
  ) => {
    let pause = PAUSE.first
    while (!signal.aborted) {
      const started = clock.now()
      const connection = new AbortController()
      try {
        await connect(AbortSignal.any([signal, connection.signal]))
      } catch (error) {
        if (signal.aborted) break
        fail(error)
      } finally {
        connection.abort()
      }
      pause = clock.now() - started > PAUSE.longest ? PAUSE.first : Math.min(pause * 2, PAUSE.longest)
      await clock.sleep(pause, signal).catch(() => undefined)
    }
  }

  return {
    watch: (tell, signal) =>
      insist(
        both => Promise.all([getAll(tell, both), follow(tell, both)]),
        error => {
          if (error instanceof UserError) throw error
          tell(trouble(error))
        },
        signal,
      ),
    attend: async (target, tell, signal) => {
      const name = targets.get(target)
      if (!name) return
      let last = ''
      const connect = async (until: AbortSignal) => {
        for await (const pods of server.pods(name, until)) {
          // The tree changes with every object; only pods are told, and only what is new of them.
          const text = JSON.stringify(pods)
          if (text !== last) tell({ kind: 'pods', at: clock.now(), target, pods })
          last = text
        }
      }
      await insist(connect, error => tell(unreadable(target, error)), signal)
    },
    answer: async (question, signal) => {
      const { ask, target } = question
      const name = targets.get(target)
      if (!name) return []
      if (ask === 'containers') return readAll(name, question, signal)
      try {
        if (ask === 'windows') {
          return [{ kind: 'windows', target, ...(await server.windows(name, signal)), at: clock.now() }]
        }
        const application = await server.refresh(name, signal)
        const detail = `Argo CD does not refresh ${target}.`
        if (!application) return [{ kind: 'refresh-failed', at: clock.now(), target, detail }]
        const { version } = application
        return [seen(target, application), { kind: 'refreshed', at: clock.now(), target, version }]
      } catch (error) {
        if (signal.aborted) throw error
        // A right or an endpoint that only the answer needs; what the wait itself needs is the stream's to miss.
        const unanswered = { at: clock.now(), target, detail: messageOf(error) }
        return ask === 'refresh'
          ? [{ kind: 'refresh-failed', ...unanswered }]
          : [{ kind: 'windows', closed: false, ...unanswered }]
      }
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
