// A Kustomization through time, with all that its verdict rests on: its source, what it depends on, the releases that it made.
import { byTime, type History } from '../history.ts'
import { nothing, see, type PodsSeen } from '../pods/seen.ts'
import type { FluxObject, Observation, Time } from '../types.ts'

type FluxSeen = Extract<Observation, { kind: 'flux' }>

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
  const names = family(target, history)
  const seen = [
    ...names.flatMap(name => history.flux.get(name) ?? []),
    ...names.flatMap(name => history.absences(name)),
    ...history.pods(target),
  ].sort(byTime)
  const objects = new Map<string, Known>()
  let pods = nothing
  return seen.map(one => {
    if (one.kind === 'flux') objects.set(one.object, { at: one.at, state: one.state })
    else if (one.kind === 'absent') objects.delete(one.target)
    else pods = see(pods, one)
    return { at: one.at, objects: new Map(objects), pods }
  })
}

/** The names of all objects that ever stood beside the target. */
function family(target: string, { flux }: History): string[] {
  const names = new Set([target])
  const states = (name: string): readonly FluxSeen[] => flux.get(name) ?? []
  for (const name of names)
    for (const { state } of states(name))
      for (const other of [state.source, ...state.dependsOn]) names.add(other)
  for (const [name, seen] of flux)
    if (name.startsWith('HelmRelease/') && seen.some(({ state }) => state.owner === target)) names.add(name)
  names.delete('')
  return [...names]
}
