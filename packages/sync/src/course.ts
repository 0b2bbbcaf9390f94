// The way of one target through its moments: what holds it, since when, and what has decided it.
import { isCommit, liveRevision, look, type Look, type Standing } from './argocd/look.ts'
import { standing } from './argocd/rules.ts'
import { proofOf } from './argocd/pods.ts'
import type { Proven } from './pods/proof.ts'
import { type History, type Moment } from './history.ts'
import type { Goal, Reason, Relation, Result, Time } from './types.ts'

export interface Course {
  target: string
  decided: { result: Exclude<Result, 'timeout'>; at: Time } | undefined
  reason: Reason
  since: Time
  /** When this changes without a further observation; Infinity when it does not. */
  deadline: Time
  live: string
  health: string
  compared: string
  firstCompared: string
  relation: Relation
  answered: boolean
  /** When a look of the controller's would spare us the longer wait for health that has no evidence; undefined when it has. */
  askAt?: Time
  lastSeenAt: Time
  /** Where digests shall be proven. */
  proof?: Proven
  /** What the controller said when a sync failed that it retries now. */
  lastError: string
  seenAt?: Time
  syncedAt?: Time
  healthyAt?: Time
}

/** The server's times are whole seconds: what follows within one shows the same time. */
const CLOCK_TICK = 1000
/** Final for a target, whatever is seen after it. */
export const FINAL: ReadonlySet<Result> = new Set(['failed', 'blocked', 'reverted'])
const IN_SYNC = new Set([
  'healthy',
  'superseded',
  'reverted',
  'value-unreadable',
  'progressing',
  'degraded',
  'suspended',
  'proving',
  'wrong-digest',
  'pods-unreadable',
])
const HEALTHY = new Set(['healthy', 'superseded', 'reverted', 'value-unreadable'])

/**
 * Walks through the moments of a target up to `until`. A standing that goes on keeps its `since`; one that lasts as long
 * as it may becomes its result, at that time, even when a later moment looks better.
 */
export function follow(target: string, history: History, goal: Goal, until: Time): Course {
  const moments = history.moments(target)
  const course = start(target, goal)
  let current = nothingSeen(target)
  for (const [index, moment] of moments.entries()) {
    const seen =
      'state' in moment ? look(target, moment, history, goal, course.seenAt !== undefined) : undefined
    const next = seen ? standing(seen) : absent(target, moment, goal)
    if (next.code !== current.code || next.revision !== current.revision) course.since = moment.at
    current = next
    note(course, moment, current, seen)
    const end = moments[index + 1]?.at ?? until
    const result = current.becomes?.result
    if (
      result &&
      course.since + (current.becomes?.after ?? 0) <= end &&
      (FINAL.has(result) || index === moments.length - 1)
    ) {
      course.decided = { result, at: course.since + (current.becomes?.after ?? 0) }
      if (FINAL.has(result)) break
    }
  }
  const { code, sentence, next } = current
  course.reason = { code, sentence, ...(next ? { next } : {}) }
  if (HEALTHY.has(code) && (current.becomes?.after ?? 0) > goal.settle)
    course.askAt = course.since + CLOCK_TICK
  course.deadline = current.becomes && !course.decided ? course.since + current.becomes.after : Infinity
  return course
}

function start(target: string, goal: Goal): Course {
  return {
    target,
    decided: undefined,
    reason: { code: '', sentence: '' },
    since: goal.startedAt,
    deadline: Infinity,
    live: '',
    health: '',
    compared: '',
    firstCompared: '',
    relation: 'unknown',
    answered: false,
    lastSeenAt: goal.startedAt,
    lastError: '',
  }
}

function note(course: Course, moment: Moment, current: Standing, seen: Look | undefined): void {
  course.lastSeenAt = moment.at
  course.live = seen ? liveRevision(seen) : ''
  course.health = seen?.state.health?.status ?? ''
  course.compared = seen?.compared ?? ''
  course.relation = seen?.relation ?? 'unknown'
  course.answered = seen?.answered ?? false
  if (course.firstCompared === '' && isCommit(course.compared)) course.firstCompared = course.compared
  const proof = seen && proofOf(seen)
  if (proof) course.proof = proof
  if (current.code === 'sync-retrying') course.lastError = current.sentence
  if (seen && (seen.relation === 'ours' || seen.relation === 'newer')) course.seenAt ??= moment.at
  if (IN_SYNC.has(current.code)) course.syncedAt ??= moment.at
  if (HEALTHY.has(current.code)) course.healthyAt = course.since
  else delete course.healthyAt
}

const nothingSeen = (target: string): Standing => ({
  code: 'not-observed',
  sentence: `Nothing is known about application ${target} yet.`,
  revision: '',
})

function absent(target: string, moment: Moment, goal: Goal): Standing {
  const cause = 'absent' in moment ? moment.absent : 'not-found'
  const gone: Record<typeof cause, Reason> = {
    'not-found': {
      code: 'app-missing',
      sentence: `There is no application ${target}.`,
      next: 'Check "applications" and "argocd-project", or raise "appear-timeout".',
    },
    hidden: {
      code: 'app-missing',
      sentence: `Application ${target} does not exist, or the token may not get it; Argo CD answers 403 to both.`,
      next: 'Give "argocd-project" to tell them apart, and the token the right applications, get.',
    },
    deleted: {
      code: 'app-deleted',
      sentence: `Application ${target} was deleted while we waited.`,
      next: 'Create it again, or take it out of "applications".',
    },
  }
  return { ...gone[cause], revision: '', becomes: { result: 'failed', after: goal.appearTimeout } }
}
