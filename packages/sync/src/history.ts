// Observations in the order in which the world was, whatever the order in which they arrived.
import { nothing, see, type PodObservation, type PodsSeen } from './pods/seen.ts'
import type { ApplicationState, Goal, Observation, Relation, Time } from './types.ts'

type Seen<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>

/** What one application was at a time: in some state, or absent. */
export type Moment =
  | { at: Time; version: string; state: ApplicationState; pods: PodsSeen }
  | { at: Time; absent: Seen<'absent'>['cause'] }

/** All that is known, sorted; the same for every order of arrival and with duplicates. */
export interface History {
  moments(target: string): readonly Moment[]
  /** The states of each Flux object, in their order, by its name. */
  flux: ReadonlyMap<string, readonly Seen<'flux'>[]>
  absences(object: string): readonly Seen<'absent'>[]
  pods(target: string): readonly PodObservation[]
  /** The newest answer about a revision; a definite one is never forgotten for an `unknown`. */
  revision(revision: string): Seen<'revision'> | undefined
  refreshes(target: string): readonly (Seen<'refreshed'> | Seen<'refresh-failed'>)[]
  /** A closed window, once seen, was in the way. */
  windows(target: string): Seen<'windows'> | undefined
  /** Times in which changes of the target went by unseen. */
  gaps(target: string): readonly Gap[]
  trouble: Seen<'trouble'> | undefined
}

export interface Gap {
  from: Time
  /** Infinity while it lasts. */
  to: Time
  /** Is what was there before still there? */
  missed: boolean
}

/** @param until what was seen later does not count */
export function readHistory(observations: readonly Observation[], until: Time): History {
  const known = observations.filter(seen => seen.at <= until)
  const of = <Kind extends Observation['kind']>(kind: Kind): Seen<Kind>[] =>
    known.filter((seen): seen is Seen<Kind> => seen.kind === kind).sort(byTime)
  const applications = groupByTarget(of('application'))
  const absences = groupByTarget(of('absent'))
  const pods = groupByTarget([...of('pods'), ...of('containers'), ...of('unreadable')].sort(byTime))
  const refreshes = groupByTarget([...of('refreshed'), ...of('refresh-failed')].sort(byTime))
  const windows = groupByTarget(of('windows'))
  const connections = groupByTarget([...of('lost'), ...of('resumed')].sort(byTime))
  const revisions = new Map<string, Seen<'revision'>>()
  for (const answer of of('revision')) {
    if (
      answer.relation !== 'unknown' ||
      (revisions.get(answer.revision)?.relation ?? 'unknown') === 'unknown'
    ) {
      revisions.set(answer.revision, answer)
    }
  }
  const flux = Map.groupBy(of('flux'), ({ object }) => object)
  return {
    flux: new Map([...flux].map(([object, states]) => [object, inOrder(states)])),
    absences: object => absences.get(object) ?? [],
    pods: target => pods.get(target) ?? [],
    moments: target =>
      withPods(sequence(applications.get(target) ?? [], absences.get(target) ?? []), pods.get(target) ?? []),
    revision: revision => revisions.get(revision),
    refreshes: target => refreshes.get(target) ?? [],
    windows: target => windows.get(target)?.find(({ closed }) => closed) ?? windows.get(target)?.at(-1),
    gaps: target => gapsOf(connections.get(target) ?? []),
    trouble: of('trouble').at(-1),
  }
}

/** Is the state of version `a` older than that of `b`? Argo CD's own informer compares them as numbers, too. */
export const isOlder = (a: string, b: string): boolean => Number(a) < Number(b)

/**
 * The states of one object by version, each at the time at which it, or a newer one, was first seen: a state that
 * arrives late is put where it belongs, and one that arrives twice counts once.
 */
function inOrder<State extends Observation & { version: string }>(states: readonly State[]): State[] {
  const byVersion = new Map<string, State>()
  for (const seen of states) if (!byVersion.has(seen.version)) byVersion.set(seen.version, seen)
  const ordered = [...byVersion.values()].sort(
    (a, b) => Number(a.version) - Number(b.version) || byTime(a, b),
  )
  let newest = Infinity
  return ordered
    .toReversed()
    .map(seen => ({ ...seen, at: (newest = Math.min(newest, seen.at)) }))
    .toReversed()
}

/** Absences stand where they were seen. */
function sequence(states: readonly Seen<'application'>[], absences: readonly Seen<'absent'>[]): Moment[] {
  const moments: Moment[] = inOrder(states).map(({ at, version, state }) => ({
    at,
    version,
    state,
    pods: nothing,
  }))
  for (const { at, cause } of absences) {
    const index = moments.findIndex(moment => moment.at > at)
    moments.splice(index === -1 ? moments.length : index, 0, { at, absent: cause })
  }
  return moments
}

/** The same, with what was known of the pods at each; a change of theirs is a moment of its own. */
function withPods(moments: readonly Moment[], seen: readonly PodObservation[]): Moment[] {
  let pods = nothing
  let last: Moment | undefined
  let next = 0
  const found: Moment[] = []
  const take = (until: Time) => {
    for (let one = seen[next]; one && one.at < until; one = seen[++next]) {
      pods = see(pods, one)
      if (last && 'state' in last) found.push((last = { ...last, at: one.at, pods }))
    }
  }
  for (const moment of moments) {
    take(moment.at)
    last = 'state' in moment ? { ...moment, pods } : moment
    found.push(last)
  }
  take(Infinity)
  return found
}

function gapsOf(seen: readonly (Seen<'lost'> | Seen<'resumed'>)[]): Gap[] {
  return seen.flatMap((one, index) => {
    const { at, of } = one
    if (one.kind === 'resumed') return one.missed ? [{ from: one.from ?? at, to: at, missed: true }] : []
    const end = seen.slice(index).find(other => other.kind === 'resumed' && other.of === of)
    return [{ from: at, to: end?.at ?? Infinity, missed: end?.kind !== 'resumed' || end.missed }]
  })
}

/** Equal times are ordered by content, so that no order of arrival shows through. */
export function byTime(a: Observation, b: Observation): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.kind === 'pods' && b.kind === 'pods' && a.order !== b.order) return (a.order ?? 0) - (b.order ?? 0)
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function groupByTarget<T extends { target: string }>(seen: readonly T[]): Map<string, T[]> {
  return Map.groupBy(seen, ({ target }) => target)
}

/** The further behind, the less. */
const BEHIND: readonly Relation[] = ['diverged', 'unknown', 'older', 'newer', 'ours']
export const rank = (relation: Relation): number => BEHIND.indexOf(relation)

/** How a revision stands to our commit, as far as anybody has told. */
export function relate(revision: string, history: History, goal: Goal): Relation {
  if (revision === goal.commit) return 'ours'
  return history.revision(revision)?.relation ?? 'unknown'
}
