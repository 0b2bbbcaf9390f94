// From everything that was seen to a verdict: the only place that decides whether a commit is live.
import { readHistory, type History } from './history.ts'
import { FINAL, follow, type Course } from './course.ts'
import { ASK_AGAIN, ASK_FAILED_AGAIN, questionsOf, stuckAt } from './questions.ts'
import { readApplications } from './argocd/readings.ts'
import { readKustomizations } from './flux/readings.ts'
import type { Goal, Observation, Reason, Result, TargetVerdict, Time, Verdict } from './types.ts'

/**
 * Says what the observations mean for the goal at the moment `now`.
 *
 * Pure, total and deterministic: neither the order of arrival nor duplicates matter, only times differences do, and
 * observations after `now` or the goal's deadline do not count. `failed`, `blocked` and `reverted` are final for a
 * target, whatever follows; `live` and `superseded` must be supported by its last observation. The first target that
 * ends badly decides for all; all targets must be good for a good result.
 */
export function evaluate(observations: readonly Observation[], goal: Goal, now: Time): Verdict {
  const until = Math.min(now, goal.deadline)
  const history = readHistory(observations, until)
  const read = READERS[goal.provider]
  const courses = goal.targets.map(target =>
    follow(target, read(target, history, goal), history.gaps(target), goal, until),
  )
  const bad = courses.filter(course => course.decided && !GOOD.has(course.decided.result)).sort(byDecision)[0]
  const good = courses.length > 0 && courses.every(({ decided }) => decided && GOOD.has(decided.result))
  const timedOut = now >= goal.deadline && !bad && !good
  const isLost = good && isNowhere(courses, goal)
  const result =
    bad?.decided?.result ?? (isLost ? 'failed' : good ? best(courses) : timedOut ? 'timeout' : 'waiting')
  const deciding =
    bad ?? (result === 'superseded' ? courses.find(byResult('superseded')) : undefined) ?? behind(courses)
  const failed =
    courses.some(({ refreshOf }) => history.refreshes(refreshOf).at(-1)?.kind === 'refresh-failed') ||
    goal.targets.some(target => history.windows(target)?.failed) ||
    courses.some(({ proof }) => proof?.is === 'unread' && proof.trouble !== undefined)
  return {
    result,
    reason: isLost ? nowhere(goal) : reasonOf(result, deciding, history),
    revision: behind(courses)?.live ?? '',
    targets: courses.map(course => describe(course, timedOut)),
    deadline: Math.min(
      goal.deadline,
      now + (failed ? ASK_FAILED_AGAIN : ASK_AGAIN),
      ...courses.flatMap(timesOf(now)),
    ),
    questions: result === 'waiting' ? questionsOf(courses, history, goal, until) : [],
    attend:
      result === 'waiting'
        ? courses
            .filter(({ seenAt, decided }) => seenAt !== undefined && !(decided && FINAL.has(decided.result)))
            .map(({ target }) => target)
        : [],
  }
}

/** The image that was pushed runs in no pod of any target, though there are pods: something else was deployed. */
function isNowhere(courses: readonly Course[], { proof }: Goal): boolean {
  if (!proof || proof.images.length === 0) return false
  const counts = courses.flatMap(course => (course.proof?.is === 'proven' ? [course.proof] : []))
  const isServed = counts.some(({ serving, isDemanded }) => serving > 0 && isDemanded)
  return isServed && counts.every(({ of }) => of === 0)
}

const nowhere = ({ proof }: Goal): Reason => ({
  code: 'image-not-found',
  sentence: `All is Healthy, but no pod runs an image of ${proof?.images.map(({ repository }) => repository).join(' or ')}.`,
  next: 'Check "images", or name the "applications" that run it.',
})

const timesOf =
  (now: Time) =>
  (course: Course): Time[] =>
    [course.deadline, course.askAt ?? Infinity, stuckAt(course) ?? Infinity].filter(time => time > now)

const READERS = { argocd: readApplications, flux: readKustomizations }
const GOOD: ReadonlySet<Result> = new Set(['live', 'superseded'])
const byResult = (result: Result) => (course: Course) => course.decided?.result === result
const best = (courses: readonly Course[]): Result =>
  courses.some(byResult('superseded')) ? 'superseded' : 'live'

function byDecision(a: Course, b: Course): number {
  return (a.decided?.at ?? 0) - (b.decided?.at ?? 0) || (a.target < b.target ? -1 : 1)
}

/** How far a target has come: the least far one speaks for all. */
function behind(courses: readonly Course[]): Course | undefined {
  return [...courses].sort((a, b) => progress(a) - progress(b) || (a.target < b.target ? -1 : 1))[0]
}

const progress = (course: Course): number =>
  (course.seenAt === undefined ? 0 : 4) +
  (course.syncedAt === undefined ? 0 : 2) +
  (byResult('superseded')(course) ? 1 : 0)

function reasonOf(result: Verdict['result'], course: Course | undefined, history: History): Reason {
  if (!course)
    return { code: 'no-target', sentence: 'There is nothing to wait for.', next: 'Name "applications".' }
  if (result !== 'timeout') return course.reason
  const trouble =
    history.trouble && history.trouble.at > course.lastSeenAt ? ` ${history.trouble.detail}` : ''
  const error = course.lastError && course.lastError !== course.reason.sentence ? ` ${course.lastError}` : ''
  return { ...course.reason, sentence: `${course.reason.sentence}${error}${trouble}` }
}

function describe(course: Course, timedOut: boolean): TargetVerdict {
  const { target, decided, live, health, reason, since, seenAt, syncedAt, healthyAt, proof } = course
  return {
    target,
    result: decided?.result ?? (timedOut ? 'timeout' : 'waiting'),
    revision: live,
    health,
    reason,
    since,
    ...(decided === undefined ? {} : { decidedAt: decided.at }),
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(syncedAt === undefined ? {} : { syncedAt }),
    ...(healthyAt === undefined ? {} : { healthyAt }),
    ...(proof === undefined || proof.is === 'unread' ? {} : { pods: { proven: proof.proven, of: proof.of } }),
  }
}
