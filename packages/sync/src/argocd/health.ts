// The rules about health, once our commit is compared, applied and in sync.
import { good } from '../good.ts'
import { GRACE, short, type Standing } from '../standing.ts'
import type { Look } from './look.ts'

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
  if (health === 'Healthy') return healthy(look)
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
    if (goal.onSuspended === 'success') return healthy(look)
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
 * Sync and health come from different loops of the controller, so right after an operation health may still be the old
 * one; it is surely not when it changed, or a comparison began, after the end.
 */
function healthy(look: Look): Standing {
  const { state } = look
  const finished = look.operationIsOurs ? (state.operation?.finishedAt ?? 0) : 0
  const evident = Math.max(state.health?.since ?? 0, state.reconciledAt ?? 0) > finished
  return good({ ...look, isGood: 'Synced and Healthy', atLeast: evident ? 0 : WITHOUT_EVIDENCE })
}
