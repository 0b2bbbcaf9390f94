// Tells GitHub how the wait goes. It never fails the step, and never holds the verdict up for long.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { ApiError } from '@gitops-relay/github'
import type { Clock } from '@gitops-relay/http/clock'
import type { Verdict } from '@gitops-relay/sync'
import type { Board, Subject } from './board.ts'
import { brokenOff, CANCELLED, endingOf, type Ending } from './ending.ts'

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
  log: { notice: (text: string) => void; warning: (text: string) => void }
  clock: Clock
}

/** Milliseconds from the verdict to the end of all this. A cancelled step has not more than that for all it does. */
const PATIENCE = 10_000
const PATIENCE_OF_CANCELLED = 1000

type Came = 'through' | 'refused' | 'in trouble'

export function createFeedback({ boardsOf, isGood, remember, log, clock }: FeedbackOptions): Feedback {
  return {
    async during(subject, waiting, signal) {
      const complaints = createComplaints()
      const over = new AbortController()
      const shown = boardsOf(subject).map(board => ({
        board,
        opening: attempt(board.open(over.signal), complaints),
      }))
      if (shown.length > 0) remember(memoryOf(subject, CANCELLED))

      const end = async (ending: Ending) => {
        if (shown.length === 0) return
        remember(memoryOf(subject, ending))
        // What could not be said at the beginning is made good now; only that counts.
        complaints.forgetTroubles()
        const closing = shown.map(async ({ board, opening }) => {
          board.hurry()
          const came = await opening
          return came === 'refused' ? came : attempt(board.close(ending, over.signal), complaints)
        })
        const limit = signal.aborted ? PATIENCE_OF_CANCELLED : PATIENCE
        const came = await within(limit, clock, over, Promise.all(closing))
        if (!came.includes('in trouble')) remember('')
        complaints.tell(log)
      }
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
      const left = readMemory(memory)
      if (left === undefined) return
      const complaints = createComplaints()
      const over = new AbortController()
      const stop = () => over.abort(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      const sweeping = boardsOf(left.subject).map(board =>
        attempt(board.sweep(left.ending, over.signal), complaints),
      )
      await within(PATIENCE, clock, over, Promise.all(sweeping))
      complaints.forgetRefusals()
      complaints.tell(log)
    },
  }
}

const attempt = (work: Promise<void>, complaints: Complaints): Promise<Came> =>
  work.then(
    () => 'through',
    (error: unknown) => complaints.add(error),
  )

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

type Complaints = ReturnType<typeof createComplaints>

/** A missing right is a notice, all else a warning; one of each at most. */
function createComplaints() {
  const refusals = new Set<string>()
  let troubles: string[] = []
  return {
    add(error: unknown): Came {
      const isTrouble =
        !(error instanceof ApiError) || error.code === 'rate-limited' || error.code === 'github-failed'
      if (isTrouble) troubles.push(error instanceof Error ? error.message : String(error))
      else refusals.add(error.message)
      return isTrouble ? 'in trouble' : 'refused'
    },
    forgetTroubles: () => {
      troubles = []
    },
    forgetRefusals: () => refusals.clear(),
    tell(log: FeedbackOptions['log']) {
      if (refusals.size > 0)
        log.notice(`No feedback on GitHub. ${[...refusals].join(' ')} Or set "feedback" to false.`)
      const [first] = troubles
      if (first !== undefined) log.warning(`GitHub was not told how the wait ended. ${first}`)
    },
  }
}

const memoryOf = (subject: Subject, ending: Ending): string => JSON.stringify({ subject, ending })

function readMemory(memory: string): { subject: Subject; ending: Ending } | undefined {
  if (memory === '') return undefined
  // Our own words, from the main moment of this step.
  return JSON.parse(memory) as { subject: Subject; ending: Ending } // oxlint-disable-line no-unsafe-type-assertion -- see above
}
