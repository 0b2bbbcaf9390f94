// Tells GitHub how the wait goes. It never fails the step, and never holds the verdict up for long.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock } from '@gitops-relay/http/clock'
import type { Verdict } from '@gitops-relay/sync'
import type { Board, Subject } from './board.ts'
import { createComplaints, type Listener } from './complaints.ts'
import { brokenOff, CANCELLED, endingOf, redacted, type Ending } from './ending.ts'

export interface Feedback {
  /** Shows the beginning while the wait goes on, and its end after it; gives and throws what the wait does. */
  during(subject: Subject, waiting: Promise<Verdict>, signal: AbortSignal): Promise<Verdict>
  /** In the post moment: closes what the main moment has left open. @param memory as it was remembered */
  sweep(memory: string, signal: AbortSignal): Promise<void>
}

export interface FeedbackOptions {
  boardsOf: (subject: Subject) => readonly Board[]
  /** Is the step green with this verdict? */
  isGood: (verdict: Verdict) => boolean
  /** Keeps a text for the post moment; an empty one says that there is nothing to do. */
  remember: (memory: string) => void
  redact: (text: string) => string
  log: Listener
  clock: Clock
}

/** Milliseconds from the verdict to the end of all this. A cancelled step has not much more than that for all it does. */
const PATIENCE = 10_000
const PATIENCE_OF_CANCELLED = 1000

export function createFeedback(options: FeedbackOptions): Feedback {
  const { boardsOf, isGood, remember, redact, log, clock } = options

  /** The beginning, said by and by. Gives what says the end. */
  function begin(subject: Subject, signal: AbortSignal): (ending: Ending) => Promise<void> {
    const complaints = createComplaints()
    const over = new AbortController()
    const shown = boardsOf(subject).map(board => ({
      board,
      opening: complaints.hear(board, board.open(over.signal)),
    }))
    if (shown.length === 0) return () => Promise.resolve()
    remember(memoryOf({ subject, ending: CANCELLED, isTold: false }))

    return async given => {
      const ending = redacted(given, redact)
      remember(memoryOf({ subject, ending, isTold: false }))
      const closing = shown.map(async ({ board, opening }) => {
        board.hurry()
        const came = await opening
        return came === 'refused' ? came : complaints.hear(board, board.close(ending, over.signal))
      })
      const limit = signal.aborted ? PATIENCE_OF_CANCELLED : PATIENCE
      const isLeft = (await within(limit, clock, over, Promise.all(closing))).includes('in trouble')
      remember(isLeft ? memoryOf({ subject, ending, isTold: !signal.aborted }) : '')
      // The post moment comes at once after a cancelled step.
      if (!isLeft || !signal.aborted) complaints.tell(log)
    }
  }

  const harmless = (error: unknown) => log.warning(`No feedback on GitHub: ${String(error)}`)

  return {
    async during(subject, waiting, signal) {
      const begun = Promise.try(begin, subject, signal).catch(error => {
        harmless(error)
        return () => Promise.resolve()
      })
      const end = (ending: Ending) => begun.then(say => say(ending)).catch(harmless)
      try {
        const verdict = await waiting
        await end(endingOf(verdict, subject.commit, isGood(verdict)))
        return verdict
      } catch (error) {
        await end(signal.aborted ? CANCELLED : brokenOff(error))
        throw error
      }
    },

    async sweep(memory, signal) {
      const { subject, ending, isTold } = readMemory(memory)
      const complaints = createComplaints()
      const over = new AbortController()
      const stop = () => over.abort(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      const sweeping = boardsOf(subject).map(board =>
        complaints.hear(board, board.sweep(ending, over.signal)),
      )
      await within(PATIENCE, clock, over, Promise.all(sweeping))
      complaints.forgetRefusals()
      if (!isTold) complaints.tell(log)
    },
  }
}

/** Aborts after the time; the work has to end by itself then. */
async function within<T>(
  milliseconds: number,
  clock: Clock,
  over: AbortController,
  work: Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const late = new UserError('deadline', `It took longer than ${milliseconds / 1000} s.`, '')
  clock.sleep(milliseconds, done.signal).then(
    () => over.abort(late),
    () => {},
  )
  return work.finally(() => done.abort())
}

/** What the post moment has to know. */
interface Memory {
  subject: Subject
  ending: Ending
  /** Has somebody been told already that something is left open? */
  isTold: boolean
}

const memoryOf = ({ subject: { commit, targets }, ending, isTold }: Memory): string =>
  JSON.stringify({ subject: { commit, targets }, ending, isTold })

/** Our own words, from the main moment of this step. */
const readMemory = (memory: string) => JSON.parse(memory) as Memory // oxlint-disable-line no-unsafe-type-assertion -- see above
