// One state of one application, looked at with everything that is known beside it.
import { isOlder, type History, type Moment } from '../history.ts'
import { isInside } from './paths.ts'
import type { PodsSeen } from '../pods/seen.ts'
import { sameRepositoryUrl } from '../repository-url.ts'
import type { ApplicationState, Goal, Reason, Relation, Result, Time, ValueFate } from '../types.ts'

/**
 * What a state means for our commit. As long as the following states mean the same (code and revision), it lasts; when
 * it has lasted for `after` milliseconds, it becomes `result`.
 */
export interface Standing extends Reason {
  revision: string
  becomes?: { result: Exclude<Result, 'timeout'>; after: number }
}

export interface Look {
  target: string
  at: Time
  pods: PodsSeen
  state: ApplicationState
  goal: Goal
  /** The compared revision of our source; of several that one which is furthest behind. Empty before the first comparison. */
  compared: string
  relation: Relation
  fate: ValueFate
  /** What is in the way of knowing one of the two; else empty. */
  detail: string
  /** Was it made after a refresh that we asked for? */
  fresh: boolean
  /** Has every refresh that we asked for been answered, if only by a failure? */
  answered: boolean
  /** Is the current or last operation for our commit, or one that contains it? */
  operationIsOurs: boolean
  /** Is an operation for it requested, but not started? */
  requestIsOurs: boolean
  windows: { closed: boolean; detail: string } | undefined
  /** Does the commit change a file at the path of our source, or did it start an operation? */
  touched: boolean
  /** Was an earlier state at our commit? */
  hadOurs: boolean
}

const BEHIND: readonly Relation[] = ['diverged', 'unknown', 'older', 'newer', 'ours']

export function look(
  target: string,
  moment: Extract<Moment, { state: unknown }>,
  history: History,
  goal: Goal,
  hadOurs: boolean,
): Look {
  const { at, state, version, pods } = moment
  const sources = ourSources(state, goal.repository)
  const relationOf = (revision: string) => relate(revision, history, goal)
  const pick = (revisions: readonly string[]) => sources.map(index => revisions[index] ?? '').filter(Boolean)
  const [compared = ''] = pick(state.sync?.revisions ?? []).sort(
    (a, b) => rank(relationOf(a)) - rank(relationOf(b)),
  )
  const carries = (revisions: readonly string[] | undefined) => {
    const picked = pick(revisions ?? [])
    return picked.length > 0 && picked.every(revision => rank(relationOf(revision)) >= rank('newer'))
  }
  const refreshes = history.refreshes(target)
  const answer = history.revision(compared)
  const operationIsOurs = carries(state.operation?.revisions)
  const isBelow = (file: string) => sources.some(index => isInside(file, state.sources[index]?.path ?? ''))
  return {
    target,
    at,
    pods,
    state,
    goal,
    compared,
    relation: compared === '' ? 'older' : relationOf(compared),
    fate: answer?.value ?? 'unreadable',
    detail: answer?.detail ? ` (${answer.detail})` : '',
    fresh: refreshes.some(refresh => refresh.kind === 'refreshed' && !isOlder(version, refresh.version)),
    answered: !goal.refresh || refreshes.length > 0,
    operationIsOurs,
    touched: operationIsOurs || (goal.changedFiles?.some(isBelow) ?? true),
    requestIsOurs: carries(state.requested),
    windows: history.windows(target),
    hadOurs,
  }
}

const rank = (relation: Relation): number => BEHIND.indexOf(relation)

function relate(revision: string, history: History, goal: Goal): Relation {
  if (revision === goal.commit) return 'ours'
  return history.revision(revision)?.relation ?? 'unknown'
}

/**
 * Indexes of the sources that deploy our repository. A controller may know it under another name (a mirror, an alias of
 * ssh), so when none has its URL all that are not charts count.
 */
function ourSources(state: ApplicationState, repository: string): number[] {
  const git = [...state.sources.keys()].filter(index => state.sources[index]?.chart === false)
  const same = git.filter(index => sameRepositoryUrl(state.sources[index]?.repository ?? '', repository))
  return same.length > 0 ? same : git
}

/** A full SHA; while a comparison fails, the controller writes the name of the branch instead. */
export const isCommit = (revision: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)

export const short = (revision: string): string => (isCommit(revision) ? revision.slice(0, 7) : revision)

/** The commit that runs there, as far as the controller says. */
export function liveRevision({ state, compared }: Look): string {
  if (state.sync?.status === 'Synced') return compared
  return state.deployed.find(isCommit) ?? ''
}

/** Milliseconds that a condition may take to go by itself, where no input says otherwise. */
export const GRACE: Time = 60_000
