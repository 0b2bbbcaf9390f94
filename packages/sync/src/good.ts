// A revision is applied and healthy: is that what we wait for, do the pods run it, and for how long must it hold?
import { unprovenPods, type PodsAt } from './pods/standing.ts'
import { currentPods } from './pods/seen.ts'
import { short, type Standing } from './standing.ts'
import type { Reason, Relation, Time, ValueFate } from './types.ts'

export interface Live extends PodsAt {
  relation: Relation
  fate: ValueFate
  /** What is in the way of knowing one of the two; else empty. */
  detail: string
  /** In the controller's words, such as `Synced and Healthy`. */
  isGood: string
  /** How long it must hold where no input asks for more. */
  atLeast: Time
}

/**
 * Healthy must hold for `settle`: a crash-looping pod is Ready for about 0.3 s after each restart (03-crashloop), and
 * what crashed while we looked may do so again.
 */
export function good(live: Live): Standing {
  const { goal, compared, pods, relation, fate, atLeast } = live
  const unproven = relation === 'ours' || fate === 'kept' ? unprovenPods(live) : undefined
  if (unproven) return unproven
  const hasCrashed = currentPods(pods).some(({ uid }) => pods.restarted.has(uid))
  const after = Math.max(goal.settle, atLeast, hasCrashed ? goal.degradedGrace : 0)
  const { result, ...reason } = outcome(live)
  return {
    ...reason,
    revision: compared,
    ...(result ? { unsure: after > goal.settle, becomes: { result, after } } : {}),
  }
}

function outcome({
  target,
  compared,
  relation,
  fate,
  detail,
  goal,
  isGood,
}: Live): Reason & { result?: 'live' | 'superseded' | 'reverted' } {
  if (relation === 'ours') {
    return {
      result: 'live',
      code: 'healthy',
      sentence: `${target} is ${isGood} at ${short(compared)}.`,
    }
  }
  const newer = `${target} is Healthy at ${short(compared)}, a newer commit that contains ${short(goal.commit)}`
  return {
    kept: { result: 'superseded', code: 'superseded', sentence: `${newer} and keeps its values.` } as const,
    changed: {
      result: 'superseded',
      code: 'superseded',
      sentence: `${newer} and sets other values.`,
    } as const,
    reverted: {
      result: 'reverted',
      code: 'reverted',
      sentence: `${newer} and puts the earlier values back.`,
      next: `Look at the log of the config repository since ${short(goal.commit)}.`,
    } as const,
    unreadable: {
      code: 'value-unreadable',
      sentence: `${newer}, but whether it keeps its values could not be read${detail}.`,
      next: 'Give "repository" and a "token" that may read it.',
    },
  }[fate]
}
