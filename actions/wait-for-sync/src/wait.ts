// The loop: evaluate, ask what the verdict wants to know, sleep until something is seen or a deadline passes.
import type { Clock } from '@gitops-relay/http/clock'
import {
  evaluate,
  type Goal,
  type Observation,
  type Observer,
  type Question,
  type Verdict,
} from '@gitops-relay/sync'

export interface WaitCollaborators {
  observer: Observer
  /** The answer about a revision. */
  relate: (revision: string, signal: AbortSignal) => Promise<Observation>
  clock: Clock
  /** Hears of each observation once. */
  record: (observation: Observation) => void
  /** Hears of each verdict on the way. */
  progress: (verdict: Verdict) => void
}

/** Ends with the first verdict that is one. Thrown: the signal's reason, or an error that waiting cannot mend. Leaves no stream open. */
export async function waitFor(
  goal: Goal,
  collaborators: WaitCollaborators,
  signal: AbortSignal,
): Promise<Verdict> {
  const { observer, relate, clock, record, progress } = collaborators
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const seen = new Map<string, Observation>()
  const asking = new Set<string>()
  const errands: Promise<unknown>[] = []
  const bell = createBell(clock)
  let broken: unknown

  const tell = (observation: Observation) => {
    const key = keyOf(observation)
    if (seen.has(key)) return
    seen.set(key, observation)
    record(observation)
    bell.ring()
  }
  const send = (errand: Promise<unknown>) => {
    const handled = errand.catch((error: unknown) => {
      if (!until.aborted) broken ??= error
      bell.ring()
    })
    errands.push(handled)
  }
  const ask = (question: Question) => {
    const key = JSON.stringify(question)
    if (asking.has(key)) return
    asking.add(key)
    const answer =
      question.ask === 'revision'
        ? relate(question.revision, until).then(one => [one])
        : observer.answer(question, until)
    send(answer.then(observations => observations.forEach(tell)).finally(() => asking.delete(key)))
  }

  const attending = new Map<string, AbortController>()
  const attend = (targets: readonly string[]) => {
    for (const target of targets) {
      if (attending.has(target)) continue
      const own = new AbortController()
      attending.set(target, own)
      send(observer.attend(target, tell, AbortSignal.any([until, own.signal])))
    }
    for (const [target, own] of attending) {
      if (targets.includes(target)) continue
      own.abort()
      attending.delete(target)
    }
  }

  try {
    send(observer.watch(tell, until))
    for (;;) {
      const verdict = evaluate([...seen.values()], goal, clock.now())
      progress(verdict)
      attend(verdict.attend)
      if (verdict.result !== 'waiting') return verdict
      if (broken !== undefined) throw broken
      signal.throwIfAborted()
      verdict.questions.forEach(ask)
      await bell.wait(verdict.deadline - clock.now(), signal)
    }
  } finally {
    over.abort()
    await Promise.allSettled(errands)
  }
}

/** A state of an application counts once, however often it is told. */
const keyOf = (seen: Observation): string =>
  seen.kind === 'application' ? `${seen.target} ${seen.version}` : JSON.stringify(seen)

/** Wakes the loop at the next ring, or after a time; a ring while nobody waits is not lost. */
function createBell(clock: Clock) {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    wait: async (milliseconds: number, signal: AbortSignal) => {
      if (!rung) {
        const nap = new AbortController()
        wake = () => nap.abort()
        await clock
          .sleep(Math.max(milliseconds, 0), AbortSignal.any([signal, nap.signal]))
          .catch(() => undefined)
      }
      rung = false
    },
  }
}
