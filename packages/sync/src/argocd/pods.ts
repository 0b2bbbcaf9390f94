// The pods of an application, seen with its operation: do they fail, and do they run what was pushed?
import { failureOf } from '../pods/failures.ts'
import { prove, type Proven } from '../pods/proof.ts'
import type { PodState } from '../types.ts'
import { short, type Look, type Standing } from './look.ts'

/** The server's times are whole seconds, of two clocks. */
const TOLERANCE = 2000

/** Recorded: 02-bad-image shows in no event of the application, 03-crashloop is healthy at each restart. */
export function failingPods(look: Look): Standing | undefined {
  const { state, pods, goal, at, compared, target } = look
  const failure = failureOf(pods, madeByOurs(look), goal, at)
  if (failure === undefined || state.operation?.phase === 'Failed' || state.operation?.phase === 'Error')
    return undefined
  const { after, sentence, ...reason } = failure
  return {
    ...reason,
    sentence: `${target} at ${short(compared)}: ${sentence}`,
    revision: compared,
    becomes: { result: 'failed', after },
  }
}

/** In sync all pods are ours; during the operation those that are younger than it. */
function madeByOurs({ state, operationIsOurs }: Look): (pod: PodState) => boolean {
  if (state.sync?.status === 'Synced' && state.operation?.phase !== 'Running') return () => true
  const { startedAt } = state.operation ?? {}
  return ({ createdAt }) =>
    operationIsOurs &&
    startedAt !== undefined &&
    createdAt !== undefined &&
    createdAt >= startedAt - TOLERANCE
}

/** What the pods run, where that is asked; an application that the commit does not touch need not run it. */
export function proofOf({ pods, goal, touched }: Look): Proven | undefined {
  return goal.proof && prove(pods, goal.proof, touched)
}

/** Healthy at a revision that has our values is not enough where digests shall be proven. Undefined: they are, or need not be. */
export function unprovenPods(look: Look): Standing | undefined {
  const { goal, target, compared } = look
  const found = proofOf(look)
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
    next: 'Give the role of the token "applications, get" on this application, or set "require-proof" to false.',
    revision: compared,
    becomes: { result: 'failed', after: found.trouble.forbidden ? 0 : goal.degradedGrace },
  }
}
