// A Kustomization through time, with all that its verdict rests on: its source, what it depends on, the releases that it made.
import { byTime, type History } from '../history.ts'
import { nothing, see, type PodsSeen } from '../pods/seen.ts'
import type { FluxObject, Observation, Time } from '../types.ts'

/** An object as it stood, and when that was first seen. */
export interface Known {
  at: Time
  state: FluxObject
}

export interface Moment {
  at: Time
  /** By name; what is not there is not in it. */
  objects: ReadonlyMap<string, Known>
  pods: PodsSeen
}

/** One moment for each change of the target, of an object beside it, or of its pods. */
export function momentsOf(target: string, history: History): Moment[] {
  const names = family(target, history.flux)
  const seen = [
    ...names.flatMap(name => history.flux.get(name) ?? []),
    ...names.flatMap(name => history.absences(name)),
    ...history.pods(target),
  ].sort(inOrder)
  const objects = new Map<string, Known>()
  let pods = nothing
  return seen.map(one => {
    if (one.kind === 'flux') objects.set(one.object, { at: one.at, state: one.state })
    else if (one.kind === 'absent') objects.delete(one.target)
    else pods = see(pods, one)
    return { at: one.at, objects: new Map(objects), pods }
  })
}

/** By time; what came at once is told object by object, and each object's states by version. */
function inOrder(a: Seen, b: Seen): number {
  if (a.at !== b.at) return a.at - b.at
  const [left, right] = [keyOf(a), keyOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return (a.kind === 'flux' && b.kind === 'flux' ? Number(a.version) - Number(b.version) : 0) || byTime(a, b)
}

type Seen = Extract<Observation, { kind: 'flux' | 'absent' | 'pods' | 'containers' | 'unreadable' }>
const keyOf = (seen: Seen): string => (seen.kind === 'flux' ? `flux ${seen.object}` : seen.kind)

/** The names of all objects that stand, or ever stood, beside the target. @param flux the states of each object, by name */
export function family(
  target: string,
  flux: ReadonlyMap<string, readonly { state: FluxObject }[]>,
): string[] {
  const names = new Set([target])
  for (const name of names)
    for (const { state } of flux.get(name) ?? [])
      for (const other of [state.source, ...state.dependsOn]) names.add(other)
  for (const [name, seen] of flux)
    if (name.startsWith('HelmRelease/') && seen.some(({ state }) => state.owner === target)) names.add(name)
  names.delete('')
  return [...names]
}
