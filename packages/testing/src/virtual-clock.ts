// Hours in a moment: a clock that goes on as soon as nobody has anything left to do but wait.
import type { Clock } from '@gitops-relay/http/clock'

export interface VirtualClock extends Clock {
  /** Lets time pass until the work is done; only for work that waits for nothing but this clock. Thrown: what the work throws, or that it would wait for ever. */
  run<Result>(work: Promise<Result>): Promise<Result>
}

interface Sleeper {
  at: number
  wake: () => void
}

export function virtualClock(start: number): VirtualClock {
  let now = start
  const sleepers = new Set<Sleeper>()
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = () => {
        sleepers.delete(sleeper)
        // The contract of an abort is that its reason is thrown, whatever it is.
        reject(signal?.reason) // oxlint-disable-line prefer-promise-reject-errors
      }
      const wake = () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper: Sleeper = { at: now + Math.max(0, milliseconds), wake }
      if (signal?.aborted) return stop()
      signal?.addEventListener('abort', stop, { once: true })
      sleepers.add(sleeper)
    })
  const run = async <Result>(work: Promise<Result>): Promise<Result> => {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    for (;;) {
      // All that follows from what has happened, happens before the next turn of the loop.
      await new Promise(resolve => setImmediate(resolve))
      if (isDone) return work
      const next = [...sleepers].reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.at < first.at ? one : first),
        undefined,
      )
      if (next === undefined) throw new Error('Nobody sleeps, and the work is not done.')
      sleepers.delete(next)
      now = Math.max(now, next.at)
      next.wake()
    }
  }
  return { now: () => now, sleep, run }
}
