// The rules about health, once our commit is compared, applied and in sync.
import type { Reason } from '../types.ts'
import { currentPods } from '../pods/seen.ts'
import { unprovenPods } from './pods.ts'
import { GRACE, short, type Look, type Standing } from './look.ts'

/** Without evidence that health was read after the operation, it must hold this long; see `settle`. */
const WITHOUT_EVIDENCE = 5000

export function healthOf(look: Look): Standing {
  const { state, target, goal, compared } = look
  const health = state.health?.status ?? 'Missing'
  const message = state.health?.message ? ` (${state.health.message})` : ''
  const named = (status: string) => {
    const found = state.resources.filter(resource => resource.health === status && !resource.aside)
    return found.map(({ object, message: why }) => `${object}${why ? `: ${why}` : ''}`).join('; ')
  }
  if (health === 'Healthy') return good(look)
  if (health === 'Degraded') {
    return {
      code: 'degraded',
      sentence: `${target} is Degraded${message}: ${named('Degraded') || 'no object is named'}.`,
      next: 'Look at the pods and events of the object.',
      revision: compared,
      becomes: { result: 'failed', after: goal.degradedGrace },
    }
  }
  if (health === 'Suspended') {
    if (goal.onSuspended === 'success') return good(look)
    return {
      code: 'suspended',
      sentence: `${target} is Suspended${message}: ${named('Suspended') || 'no object is named'}.`,
      next: 'Resume it, or set "on-suspended" to wait or success.',
      revision: compared,
      ...(goal.onSuspended === 'fail' ? { becomes: { result: 'failed', after: 0 } } : {}),
    }
  }
  const sentence = `${target} is ${health} at ${short(compared)}${message}: ${named(health) || 'no object is named'}.`
  if (health === 'Unknown') {
    const next = 'Look at the health checks of the object.'
    return {
      code: 'health-unknown',
      sentence,
      next,
      revision: compared,
      becomes: { result: 'failed', after: GRACE },
    }
  }
  return { code: 'progressing', sentence, revision: compared }
}

/**
 * Healthy must hold for `settle`: a crash-looping pod is Ready, and its application truly Synced and Healthy, for about
 * 0.3 s after each restart (03-crashloop). Sync and health come from different loops of the controller, so right after
 * an operation health may still be the old one; it is surely not when it changed, or a comparison began, after the end.
 */
function good(look: Look): Standing {
  const { state, goal, compared, pods, relation, fate } = look
  const carriesOurs = relation === 'ours' || fate === 'kept'
  const unproven = carriesOurs ? unprovenPods(look) : undefined
  if (unproven) return unproven
  const finished = look.operationIsOurs ? (state.operation?.finishedAt ?? 0) : 0
  const evident = Math.max(state.health?.since ?? 0, state.reconciledAt ?? 0) > finished
  // What crashed while we looked may do so again.
  const hasCrashed = currentPods(pods).some(({ uid }) => pods.restarted.has(uid))
  const after = Math.max(goal.settle, evident ? 0 : WITHOUT_EVIDENCE, hasCrashed ? goal.degradedGrace : 0)
  const { result, ...reason } = outcome(look)
  return { ...reason, revision: compared, ...(result ? { becomes: { result, after } } : {}) }
}

function outcome({
  target,
  compared,
  relation,
  fate,
  detail,
  goal,
}: Look): Reason & { result?: 'live' | 'superseded' | 'reverted' } {
  if (relation === 'ours') {
    return {
      result: 'live',
      code: 'healthy',
      sentence: `${target} is Synced and Healthy at ${short(compared)}.`,
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
