// What has to be known before a verdict can go on, and when it is worth asking.
import { isCommit } from './standing.ts'
import type { Course } from './course.ts'
import type { History } from './history.ts'
import type { Goal, Question, Time } from './types.ts'

/** How often the same question is asked again while its answer is missing. */
export const ASK_AGAIN = 30_000
/** The same after an attempt that failed. */
export const ASK_FAILED_AGAIN = 5000
/** Out of sync for a moment is normal after an operation; for longer, another look may help. */
const STUCK_AFTER = 10_000
const STUCK = new Set(['not-syncing', 'left-out-of-sync', 'not-picked-up'])

/** When it is worth another look; undefined where it is not stuck. */
export const stuckAt = ({ reason, since }: Course): Time | undefined =>
  STUCK.has(reason.code) ? since + STUCK_AFTER : undefined

/** Only what can change the verdict is asked, and the same thing at most every 30 s, or 5 s after a failure. */
export function questionsOf(courses: readonly Course[], history: History, goal: Goal, now: Time): Question[] {
  const due = (answer: { at: Time; kind?: string; failed?: true } | undefined) =>
    answer === undefined ||
    now - answer.at >= (answer.kind === 'refresh-failed' || answer.failed ? ASK_FAILED_AGAIN : ASK_AGAIN)
  const questions: Question[] = []
  for (const course of courses) {
    const { target, reason, compared, firstCompared, answered, relation, askAt, proof, refreshOf } = course
    const refresh = history.refreshes(refreshOf).at(-1)
    const unseen = reason.code === 'not-seen' || reason.code === 'manifest'
    const stuck = now >= (stuckAt(course) ?? Infinity)
    const unproven =
      askAt !== undefined &&
      now >= askAt &&
      (refresh === undefined || refresh.at < askAt || (refresh.kind === 'refresh-failed' && due(refresh)))
    if (goal.refresh && (((unseen || stuck) && due(refresh)) || unproven))
      questions.push({ ask: 'refresh', target: refreshOf })
    const answer = history.revision(compared)
    const open =
      relation === 'unknown' || (relation === 'newer' && (answer?.value ?? 'unreadable') === 'unreadable')
    // Where an application stood when we came is most likely what it leaves after the refresh: not worth a question before.
    const settled = answered || compared !== firstCompared
    if (isCommit(compared) && open && settled && due(answer))
      questions.push({ ask: 'revision', revision: compared })
    const isReady = reason.code === 'proving' || reason.code === 'pods-unreadable'
    if (isReady && proof?.is === 'unread' && proof.pods.length > 0) {
      const pods = proof.pods.map(({ uid, name }) => ({ uid, name }))
      const isDue = proof.trouble === undefined || now - proof.trouble.at >= ASK_FAILED_AGAIN
      if (isDue) questions.push({ ask: 'containers', target, pods })
    }
    if (reason.code === 'not-syncing' && due(history.windows(target)))
      questions.push({ ask: 'windows', target })
  }
  return questions.filter((question, index) => questions.findIndex(same(question)) === index)
}

const same = (a: Question) => (b: Question) => JSON.stringify(a) === JSON.stringify(b)
