// Questions that an Argo CD server can answer; an attempt that fails is an answer, too.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Observation, Question } from '../types.ts'
import type { Application } from './application.ts'
import type { ApplicationName, ArgoServer } from './server.ts'

/** Pods that are read at the same time. */
const AT_ONCE = 4

/** Thrown: the signal's reason. */
export async function answer(
  question: Exclude<Question, { ask: 'revision' }>,
  name: ApplicationName,
  server: ArgoServer,
  clock: Clock,
  signal: AbortSignal,
): Promise<Observation[]> {
  const { target } = question
  try {
    if (question.ask === 'containers') return await readAll(question, name, server, clock, signal)
    if (question.ask === 'windows')
      return [{ kind: 'windows', target, ...(await server.windows(name, signal)), at: clock.now() }]
    const application = await server.refresh(name, signal)
    const detail = `Argo CD does not refresh ${target}.`
    if (!application) return [{ kind: 'refresh-failed', at: clock.now(), target, detail }]
    const { version } = application
    return [seen(target, application, clock), { kind: 'refreshed', at: clock.now(), target, version }]
  } catch (error) {
    if (signal.aborted) throw error
    const unanswered = { at: clock.now(), target, detail: messageOf(error) }
    const isRefused = error instanceof UserError
    if (question.ask === 'refresh') return [{ kind: 'refresh-failed', ...unanswered }]
    return [{ kind: 'windows', closed: false, ...unanswered, ...(isRefused ? {} : { failed: true }) }]
  }
}

async function readAll(
  { target, pods }: Extract<Question, { ask: 'containers' }>,
  name: ApplicationName,
  server: ArgoServer,
  clock: Clock,
  signal: AbortSignal,
): Promise<Observation[]> {
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
    found.push(unreadable(target, error, clock))
  }
  return found
}

export const seen = (target: string, { version, state }: Application, clock: Clock): Observation => ({
  kind: 'application',
  at: clock.now(),
  target,
  version,
  state,
})

export const unreadable = (target: string, error: unknown, clock: Clock): Observation => ({
  kind: 'unreadable',
  at: clock.now(),
  target,
  forbidden: error instanceof UserError,
  detail: messageOf(error),
})

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
