// The Helm releases that a Kustomization made: did the upgrade for our commit succeed, and does it still stand?
import type { Standing } from '../standing.ts'
import type { FluxObject } from '../types.ts'
import { condition, type Look } from './look.ts'

/** A state that was seen before ours was applied may be the one of before: another watch brings the newer one. */
const LAG = 2000
/** Conditions that say that the upgrade for this generation came to nothing. */
const FAILED: readonly [type: string, bad: string][] = [
  ['Released', 'False'],
  ['TestSuccess', 'False'],
  ['Remediated', 'True'],
]

/**
 * After a rollback the pods are healthy on the old version, and the newest entry of the history is `deployed` again
 * (21-helm-rollback). Undefined: all of them run what our commit wants, or it is too early to ask.
 */
export function releasesOf(look: Look): Standing | undefined {
  if (look.appliedSince === undefined) return undefined
  const owned = [...look.objects].filter(([name]) => name.startsWith('HelmRelease/'))
  const found = owned.flatMap(
    ([name, { at, state }]) => judge(name, state, at < (look.appliedSince ?? 0), look) ?? [],
  )
  return found.toSorted((a, b) => urgency(a) - urgency(b))[0]
}

const urgency = ({ becomes }: Standing): number => becomes?.after ?? Infinity

function judge(
  name: string,
  state: FluxObject,
  isEarly: boolean,
  { goal, compared }: Look,
): Standing | undefined {
  const current = { ...state, conditions: state.conditions.filter(isOf(state.generation)) }
  const say = (code: string, sentence: string): Standing => ({ code, sentence, revision: compared })
  const stalled = condition(current, 'Stalled')
  const after = isEarly ? LAG : 0
  const failed = FAILED.map(
    ([type, bad]) => condition(current, type)?.status === bad && condition(current, type),
  ).find(Boolean)
  const why = failed ? `${failed.reason}: ${failed.message}` : ''
  if (stalled?.status === 'True') {
    const reason = failed ? why : `${stalled.reason}: ${stalled.message}`
    return {
      ...say('release-failed', `${name} gave up: ${reason}`),
      next: 'Mend its values or chart, and look at its pods.',
      becomes: { result: 'failed', after },
    }
  }
  if (failed) {
    return {
      ...say('sync-retrying', `${name} fails: ${why}`),
      next: 'Mend its values or chart, and look at its pods.',
      ...(goal.onRetry === 'fail' ? { becomes: { result: 'failed', after } } : {}),
    }
  }
  if (state.suspended && !current.conditions.some(({ type }) => type === 'Ready')) {
    return {
      ...say('suspended', `${name} is suspended: spec.suspend is true.`),
      next: 'Resume it.',
      becomes: { result: 'blocked', after },
    }
  }
  const ready = condition(current, 'Ready')
  const isDone =
    condition(current, 'Reconciling')?.status !== 'True' && state.observedGeneration === state.generation
  const isDeployed = state.release?.status === 'deployed' && state.release.action !== 'rollback'
  if (ready?.status === 'True' && isDone && isDeployed) return undefined
  return say('progressing', `${name} is being released: ${ready?.message ?? 'it has not begun.'}`)
}

const isOf = (generation: number) => (one: FluxObject['conditions'][number]) =>
  one.observedGeneration === generation
