// What of several things we see while it changes, and what went by while we did not look.
import type { Clock } from '@gitops-relay/http/clock'
import type { Observation, Time } from '../types.ts'

/** Each method gives what is to be told. A mark stands for a state: equal marks, equal states. */
export interface Sight {
  /** A stream shows it. */
  shown(target: string, mark: string): Observation[]
  /** It was read beside the stream: a mark that the stream has not shown means that the stream says nothing any more. */
  read(target: string, mark: string): Observation[]
  /** The stream has ended, or never came. */
  ended(targets?: Iterable<string>): Observation[]
  /** The last one; undefined where nothing has been seen. */
  mark(target: string): string | undefined
}

export function createSight(of: 'target' | 'pods', clock: Clock): Sight {
  const marks = new Map<string, { mark: string; at: Time }>()
  const blind = new Set<string>()
  const lost = (target: string, at: Time): Observation => ({ kind: 'lost', at, target, of })
  const resumed = (target: string, missed: boolean): Observation => ({
    kind: 'resumed',
    at: clock.now(),
    target,
    of,
    missed,
  })
  return {
    mark: target => marks.get(target)?.mark,
    shown: (target, mark) => {
      const before = marks.get(target)
      marks.set(target, { mark, at: clock.now() })
      return blind.delete(target) ? [resumed(target, before?.mark !== mark)] : []
    },
    read: (target, mark) => {
      const before = marks.get(target)
      if (before === undefined || (before.mark !== mark && !blind.has(target)))
        marks.set(target, { mark, at: clock.now() })
      if (before === undefined || before.mark === mark || blind.has(target)) return []
      return [lost(target, before.at), resumed(target, true)]
    },
    ended: (targets = marks.keys()) =>
      [...targets].flatMap(target => {
        if (blind.has(target) || !marks.has(target)) return []
        blind.add(target)
        return [lost(target, clock.now())]
      }),
  }
}
