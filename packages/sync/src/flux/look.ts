// One moment of one Kustomization, looked at with everything that is known beside it.
import { rank, relate, type History } from '../history.ts'
import { isInside } from '../paths.ts'
import type { PodsAt } from '../pods/standing.ts'
import type { FluxObject, Goal, Relation, Time, ValueFate } from '../types.ts'
import type { Known, Moment } from './moments.ts'
import { commitIn } from './object.ts'

/** `compared`: the revision that the controller works with, or applied last. */
export interface Look extends PodsAt {
  own: FluxObject
  objects: ReadonlyMap<string, Known>
  /** Undefined: not there. */
  source: FluxObject | undefined
  relation: Relation
  fate: ValueFate
  detail: string
  /** Do we, and whoever contains us, stand in this revision? */
  carries: (revision: string) => boolean
  relationOf: (revision: string) => Relation
  /** Has the source been asked to look again, and has it answered? */
  fresh: boolean
  /** What the controller does, such as `Running health checks for revision …`; empty while it rests. */
  doing: string
  /** The commit that it does this for. */
  working: string
  /** Was the source at our commit before? */
  sourceHadOurs: boolean
}

export interface Before {
  sourceHadOurs: boolean
  appliedSince: Time | undefined
}

export function look(
  target: string,
  own: FluxObject,
  { at, objects, pods }: Moment,
  history: History,
  goal: Goal,
  { sourceHadOurs, appliedSince }: Before,
): Look {
  const relationOf = (revision: string) => (revision === '' ? 'older' : relate(revision, history, goal))
  const carries = (revision: string) => rank(relationOf(revision)) >= rank('newer')
  const doing = messageOf(own, 'Reconciling')
  const working = commitIn(doing)
  const isApplied =
    carries(own.applied) || (carries(own.attempted) && (/health checks/.test(doing) || failsHealth(own)))
  const compared = [working, own.attempted, own.applied].find(Boolean) ?? ''
  const answer = history.revision(compared)
  return {
    target,
    at,
    goal,
    own,
    objects,
    pods,
    source: objects.get(own.source)?.state,
    compared,
    relation: relationOf(compared),
    fate: answer?.value ?? 'unreadable',
    detail: answer?.detail ? ` (${answer.detail})` : '',
    carries,
    relationOf,
    fresh: history.refreshes(own.source).some(({ kind }) => kind === 'refreshed'),
    touched: goal.changedFiles?.some(file => isInside(file, own.path)) ?? true,
    right: "Give the kubeconfig's user the rights get, list and watch on pods",
    doing,
    working,
    appliedSince: isApplied ? (appliedSince ?? at) : undefined,
    sourceHadOurs,
  }
}

export const condition = (state: FluxObject, type: string): FluxObject['conditions'][number] | undefined =>
  state.conditions.find(one => one.type === type)

const messageOf = (state: FluxObject, type: string): string => {
  const found = condition(state, type)
  return found?.status === 'True' ? found.message : ''
}

const failsHealth = (own: FluxObject): boolean => condition(own, 'Ready')?.reason === 'HealthCheckFailed'
