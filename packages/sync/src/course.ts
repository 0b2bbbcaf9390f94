// The way of one target through its moments: what holds it, since when, and what has decided it.
import { isCommit, type Reading, type Standing } from './standing.ts'
import type { Proven } from './pods/proof.ts'
import type { Gap } from './history.ts'
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
  refreshOf: string
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
 * Walks through the readings of a target up to `until`. A standing that goes on keeps its `since`; one that lasts as long
 * as it may becomes its result, at that time, even when a later reading looks better. What nobody watched has not lasted:
 * a standing that is there again after changes went by unseen begins anew.
 */
export function follow(
  target: string,
  readings: readonly Reading[],
  gaps: readonly Gap[],
  goal: Goal,
  until: Time,
): Course {
  const course = start(target, goal)
  let current: Standing = {
    code: 'not-observed',
    sentence: `Nothing is known about ${target} yet.`,
    revision: '',
  }
  for (const [index, reading] of readings.entries()) {
    const { at, standing: next } = reading
    if (next.code !== current.code || next.revision !== current.revision) course.since = at
    current = next
    note(course, reading)
    const end = readings[index + 1]?.at ?? until
    course.since = Math.max(course.since, ...gaps.filter(isMissedBefore(end)).map(({ to }) => to))
    const { result, after = 0 } = current.becomes ?? {}
    const due = after === 0 ? course.since : watched(course.since + after, gaps)
    if (result && due <= end && (FINAL.has(result) || index === readings.length - 1)) {
      course.decided = { result, at: due }
      if (FINAL.has(result)) break
    }
  }
  const { code, sentence, next } = current
  course.reason = { code, sentence, ...(next ? { next } : {}) }
  if (current.unsure) course.askAt = course.since + CLOCK_TICK
  course.deadline = current.becomes && !course.decided ? course.since + current.becomes.after : Infinity
  return course
}

const isMissedBefore =
  (end: Time) =>
  ({ to, missed }: Gap): boolean =>
    missed && to <= end

/** The time itself, or the end of the gap that it is in; Infinity where that gap hides changes. */
function watched(time: Time, gaps: readonly Gap[]): Time {
  const gap = gaps.find(({ from, to }) => time >= from && time < to)
  if (gap === undefined) return time
  return gap.missed ? Infinity : watched(gap.to, gaps)
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
    refreshOf: target,
    lastSeenAt: goal.startedAt,
    lastError: '',
  }
}

function note(course: Course, reading: Reading): void {
  const { at, standing, live, health, compared, relation, answered, refreshOf, proof } = reading
  Object.assign(course, { lastSeenAt: at, live, health, compared, relation, answered, refreshOf })
  if (course.firstCompared === '' && isCommit(compared)) course.firstCompared = compared
  if (proof) course.proof = proof
  if (standing.code === 'sync-retrying') course.lastError = standing.sentence
  if (relation === 'ours' || relation === 'newer') course.seenAt ??= at
  if (IN_SYNC.has(standing.code)) course.syncedAt ??= at
  if (HEALTHY.has(standing.code)) course.healthyAt = course.since
  else delete course.healthyAt
}
