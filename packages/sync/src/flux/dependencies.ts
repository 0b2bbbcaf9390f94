// A Kustomization that waits for others: which one is it in the end, and why?
import type { Standing } from '../standing.ts'
import { condition, type Look } from './look.ts'

/** Recorded: 14-depends-on. A dependency that is on its way has the same grace as what may pass by itself. */
export function blockedBy(look: Look): Standing | undefined {
  const { own, target, goal, compared } = look
  const ready = condition(own, 'Ready')
  if (ready?.status !== 'False' || ready.reason !== 'DependencyNotReady') return undefined
  const root = rootOf(own.dependsOn, look, new Set([target]))
  return {
    code: 'dependency-not-ready',
    sentence: `${target} waits for ${root ?? `another: ${ready.message}`}`,
    next: 'Mend what it waits for, or take it out of spec.dependsOn.',
    revision: compared,
    becomes: { result: 'blocked', after: goal.degradedGrace },
  }
}

/** The first that is not ready and waits for nobody itself. */
function rootOf(names: readonly string[], look: Look, passed: Set<string>): string | undefined {
  for (const name of names) {
    if (passed.has(name)) continue
    passed.add(name)
    const state = look.objects.get(name)?.state
    if (state === undefined) return `${name}, which does not exist.`
    const ready = condition(state, 'Ready')
    if (state.suspended) return `${name}, which is suspended.`
    if (ready?.status === 'True') continue
    const deeper = ready?.reason === 'DependencyNotReady' ? rootOf(state.dependsOn, look, passed) : undefined
    return (
      deeper ??
      `${name}, which is not ready: ${ready ? `${ready.reason}: ${ready.message}` : 'nothing is known of it'}`
    )
  }
  return undefined
}
