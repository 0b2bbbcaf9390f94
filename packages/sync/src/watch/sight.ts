// What of several things we see while it changes, and what went by while we did not look.
import type { Clock } from '@gitops-relay/http/clock'
import type { Observation, Sighted, Time } from '../types.ts'

export type Unseen = Extract<Observation, { kind: 'lost' | 'resumed' }>

/** Each method gives what is to be told. A mark stands for a state: equal marks, equal states. */
export interface Sight {
  /** A stream shows it. */
  shown(target: string, mark: string): Unseen[]
  /** It was read beside the stream: a mark that the stream has not shown means that the stream says nothing any more. */
  read(target: string, mark: string): Unseen[]
  /** Nobody knows what went by since it was shown last. */
  missed(target: string): Unseen[]
  /** The stream has ended, or never came. */
  ended(targets?: Iterable<string>): Unseen[]
  /** The last one; undefined where nothing has been seen. */
  mark(target: string): string | undefined
}

export function createSight(of: Sighted, clock: Clock): Sight {
  const marks = new Map<string, { mark: string; at: Time }>()
  const blind = new Set<string>()
  const resumed = (target: string, missed: boolean, from?: Time): Unseen => ({
    kind: 'resumed',
    at: clock.now(),
    target,
    of,
    missed,
    ...(from === undefined ? {} : { from }),
  })
  return {
    mark: target => marks.get(target)?.mark,
    shown: (target, mark) => {
      const before = marks.get(target)
      if (before?.mark !== mark) marks.set(target, { mark, at: clock.now() })
      return blind.delete(target) ? [resumed(target, before?.mark !== mark)] : []
    },
    read: (target, mark) => {
      const before = marks.get(target)
      if (before === undefined || (before.mark !== mark && !blind.has(target)))
        marks.set(target, { mark, at: clock.now() })
      if (before === undefined || before.mark === mark || blind.has(target)) return []
      return [resumed(target, true, before.at)]
    },
    missed: target => {
      const before = marks.get(target)
      return before === undefined ? [] : [resumed(target, true, before.at)]
    },
    ended: (targets = marks.keys()) =>
      [...targets].flatMap(target => {
        if (blind.has(target) || !marks.has(target)) return []
        blind.add(target)
        return [{ kind: 'lost', at: clock.now(), target, of }]
      }),
  }
}
