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

/** Milliseconds for reading everything once more. */
const CONFIRMATION = 10_000
/** And between two attempts of it. */
const PAUSE = 1000

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

  /** What rests on time that has passed is read once more: a stream may say nothing and not have ended. */
  const doubted = new Set<string>()
  const confirmed = new Set<number>()
  const doubt = ({ targets }: Verdict) => {
    for (const { target, since, decidedAt = since } of targets) {
      if (decidedAt === since || confirmed.has(decidedAt)) continue
      doubted.add(target)
      tell({ kind: 'lost', at: decidedAt, target, of: 'all' })
    }
  }
  /** Empty, or what is in the way. */
  const confirm = async (): Promise<string> => {
    const limit = new AbortController()
    const left = Math.min(CONFIRMATION, Math.max(goal.deadline - clock.now(), 0))
    const nap = clock.sleep(left, limit.signal).then(
      () => limit.abort(new Error(`no answer within ${left / 1000} s`)),
      () => undefined,
    )
    try {
      await observer.confirm(tell, AbortSignal.any([signal, limit.signal]))
      const at = clock.now()
      confirmed.add(at)
      for (const target of doubted) tell({ kind: 'resumed', at, target, of: 'all', missed: false })
      doubted.clear()
      return ''
    } catch (error) {
      signal.throwIfAborted()
      const detail = error instanceof Error ? error.message : String(error)
      tell({ kind: 'trouble', at: clock.now(), detail })
      return detail
    } finally {
      limit.abort()
      await nap
    }
  }

  try {
    send(observer.watch(tell, until))
    for (;;) {
      const verdict = evaluate([...seen.values()], goal, clock.now())
      progress(verdict)
      const isOver = clock.now() >= goal.deadline
      if (verdict.result !== 'waiting' && verdict.result !== 'timeout') doubt(verdict)
      if (doubted.size > 0) {
        const trouble = await confirm()
        if (trouble === '') continue
        if (isOver) return unconfirmed(evaluate([...seen.values()], goal, clock.now()), trouble)
        await clock.sleep(Math.min(PAUSE, Math.max(goal.deadline - clock.now(), 0)), signal)
        continue
      }
      if (verdict.result !== 'waiting') return verdict
      if (broken !== undefined) throw broken
      signal.throwIfAborted()
      attend(verdict.attend)
      verdict.questions.forEach(ask)
      await bell.wait(verdict.deadline - clock.now(), signal)
    }
  } finally {
    over.abort()
    await Promise.allSettled(errands)
  }
}

function unconfirmed(verdict: Verdict, detail: string): Verdict {
  if (verdict.result !== 'timeout') return verdict
  const sentence = `${verdict.reason.sentence} It could not be read once more, to be sure: ${detail}`
  return { ...verdict, reason: { ...verdict.reason, code: 'unconfirmed', sentence } }
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
