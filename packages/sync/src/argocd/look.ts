// One state of one application, looked at with everything that is known beside it.
import { isOlder, rank, relate, type History, type Moment } from '../history.ts'
import { isInside } from '../paths.ts'
import type { PodsAt } from '../pods/standing.ts'
import { sameRepositoryUrl } from '../repository-url.ts'
import { isCommit } from '../standing.ts'
import type { ApplicationState, Goal, Relation, Time, ValueFate } from '../types.ts'

/** `compared`: the compared revision of our source; of several that one which is furthest behind. Empty before the first comparison. */
export interface Look extends PodsAt {
  state: ApplicationState
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
  windows: { closed: boolean; detail: string; failed?: true } | undefined
  /** Was an earlier state at our commit? */
  hadOurs: boolean
}

/** What the states before have shown. */
export interface Before {
  hadOurs: boolean
  appliedSince: Time | undefined
}

export function look(
  target: string,
  moment: Extract<Moment, { state: unknown }>,
  history: History,
  goal: Goal,
  { hadOurs, appliedSince }: Before,
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
  const relation = compared === '' ? 'older' : relationOf(compared)
  const isApplied = operationIsOurs || (state.sync?.status === 'Synced' && rank(relation) >= rank('newer'))
  const isBelow = (file: string) => sources.some(index => isInside(file, state.sources[index]?.path ?? ''))
  return {
    target,
    at,
    pods,
    state,
    goal,
    compared,
    relation,
    appliedSince: isApplied ? (appliedSince ?? at) : undefined,
    fate: answer?.value ?? 'unreadable',
    detail: answer?.detail ? ` (${answer.detail})` : '',
    fresh: refreshes.some(refresh => refresh.kind === 'refreshed' && !isOlder(version, refresh.version)),
    answered: !goal.refresh || refreshes.length > 0,
    operationIsOurs,
    touched: operationIsOurs || (goal.changedFiles?.some(isBelow) ?? true),
    right: 'Give the role of the token "applications, get" on this application',
    requestIsOurs: carries(state.requested),
    windows: history.windows(target),
    hadOurs,
  }
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

/** The commit that runs there, as far as the controller says. */
export function liveRevision({ state, compared }: Look): string {
  if (state.sync?.status === 'Synced') return compared
  return state.deployed.find(isCommit) ?? ''
}
