// What pods say about a target: do they fail, and do they run what was pushed?
import { short, type Standing } from '../standing.ts'
import type { Goal, PodState, Time } from '../types.ts'
import { failureOf } from './failures.ts'
import { prove, type Proven } from './proof.ts'
import type { PodsSeen } from './seen.ts'

export interface PodsAt {
  target: string
  at: Time
  goal: Goal
  /** The revision that the controller works with. */
  compared: string
  pods: PodsSeen
  /** Since when the manifests of our commit, or a newer one, are applied; undefined while they are not. */
  appliedSince: Time | undefined
  /** A target that the commit does not touch need not run its images. */
  touched: boolean
  /** The right that reads pods, and where to give it. */
  right: string
}

/** Recorded: 02-bad-image shows in no event of the application, 03-crashloop is healthy at each restart. */
export function failingPods(
  { pods, goal, at, compared, target, appliedSince = at }: PodsAt,
  isOurs: (pod: PodState) => boolean,
): Standing | undefined {
  const failure = failureOf(pods, isOurs, goal, at, appliedSince)
  if (failure === undefined) return undefined
  const { after, sentence, ...reason } = failure
  return {
    ...reason,
    sentence: `${target} at ${short(compared)}: ${sentence}`,
    revision: compared,
    becomes: { result: 'failed', after },
  }
}

/** What the pods run, where that is asked. */
export function proofOf({
  pods,
  goal,
  touched,
}: Pick<PodsAt, 'pods' | 'goal' | 'touched'>): Proven | undefined {
  return goal.proof && prove(pods, goal.proof, touched)
}

/** Healthy at a revision that has our values is not enough where digests shall be proven. Undefined: they are, or need not be. */
export function unprovenPods(seen: PodsAt): Standing | undefined {
  const { goal, target, compared, right } = seen
  const found = proofOf(seen)
  if (found === undefined || goal.proof === undefined) return undefined
  if (found.is === 'proven') return undefined
  if (found.is === 'wrong') {
    return {
      code: 'wrong-digest',
      sentence: `${target} is Healthy at ${short(compared)}, but ${found.detail}.`,
      next: 'Check that the manifests name the digest that was pushed, and nothing rewrites it.',
      revision: compared,
      becomes: { result: 'failed', after: goal.degradedGrace },
    }
  }
  const names = found.pods.map(({ name }) => name).join(', ') || 'its pods'
  if (found.trouble === undefined) {
    const sentence = `${target} is Healthy at ${short(compared)}; what runs in ${names} is being read.`
    return { code: 'proving', sentence, revision: compared }
  }
  if (!goal.proof.required) return undefined
  return {
    code: 'pods-unreadable',
    sentence: `What runs in ${names} of ${target} cannot be read: ${found.trouble.detail}`,
    next: `${right}, or set "require-proof" to false.`,
    revision: compared,
    // The network is never a verdict.
    ...(found.trouble.forbidden ? { becomes: { result: 'failed', after: 0 } } : {}),
  }
}
