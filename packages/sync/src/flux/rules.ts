// What a moment of a Kustomization means for our commit: the first rule that has something to say decides.
import { good } from '../good.ts'
import { asksForOurs } from '../pods/proof.ts'
import { failingPods } from '../pods/standing.ts'
import { short, type Standing } from '../standing.ts'
import { blockedBy } from './dependencies.ts'
import { condition, type Look } from './look.ts'
import { behindSource } from './source.ts'
import { releasesOf } from './releases.ts'

type Rule = (look: Look) => Standing | undefined

/** Total: every moment means something. */
export function standing(look: Look): Standing {
  for (const rule of RULES) {
    const found = rule(look)
    if (found) return found
  }
  return progressing(look)
}

const suspended: Rule = ({ own, target, compared, carries }) =>
  own.suspended && !carries(own.applied)
    ? {
        code: 'suspended',
        sentence: `${target} is suspended: spec.suspend is true.`,
        next: 'Resume it.',
        revision: compared,
        becomes: { result: 'blocked', after: 0 },
      }
    : undefined

const stalled: Rule = look => {
  const { own, target, compared } = look
  const found = condition(own, 'Stalled')
  if (found?.status !== 'True' || found.observedGeneration !== own.generation) return undefined
  return {
    code: 'stalled',
    sentence: `${target} is stalled: ${found.reason}: ${found.message}`,
    next: 'Mend its spec.',
    revision: compared,
    becomes: { result: 'failed', after: 0 },
  }
}

/**
 * Its failure is there for as little as 6 ms before the controller tries again, so each one that is seen counts. What
 * cannot be built is our commit's fault and will not pass; what the cluster refused may (15-health-timeout,
 * 17-fix-after-failed-sync). Recorded: 04, 14-depends-on, 16-broken-yaml.
 */
const failing: Rule = look => {
  const { own, target, goal, compared, relationOf, carries, working } = look
  const ready = condition(own, 'Ready')
  if (ready?.status !== 'False' || ready.observedGeneration !== own.generation) return undefined
  // The path is looked for before the attempt is noted, so only the message tells the revision.
  const isPath = ready.reason === 'ArtifactFailed' && carries(working)
  if (!isPath && !carries(own.attempted)) return undefined
  const failure = {
    sentence: `${target} fails at ${short(compared)}: ${ready.reason}: ${ready.message}`,
    revision: compared,
  }
  if (isPath || ready.reason === 'BuildFailed') {
    // A newer commit that cannot be built changes nothing of what runs.
    if (carries(own.applied)) return isLive(look)
    const after = isPath && !/not found/.test(ready.message) ? goal.degradedGrace : 0
    const next = 'Mend the manifests at its path, or the path in its spec.'
    return { code: 'manifest', ...failure, next, becomes: { result: 'failed', after } }
  }
  if (!RETRIED.has(ready.reason)) return undefined
  const isVerdict = goal.onRetry === 'fail' && relationOf(compared) === 'ours'
  return {
    code: 'sync-retrying',
    ...failure,
    next: 'Mend what it names and push a new commit.',
    ...(isVerdict ? { becomes: { result: 'failed', after: 0 } } : {}),
  }
}

const RETRIED = new Set(['ReconciliationFailed', 'PruneFailed', 'HealthCheckFailed'])

const pods: Rule = look =>
  look.appliedSince === undefined ? undefined : failingPods(look, pod => asksForOurs(pod, look.goal))

/**
 * `Ready` and the revision are written one after the other, so both are asked for; a later reconciliation of the same
 * revision sets Ready to Unknown for a moment and takes nothing back. While the source is at a newer commit, ours is
 * there for moments only (06-reverted).
 */
const applied: Rule = look => {
  const { own, source, carries, target } = look
  const ready = condition(own, 'Ready')
  if (!carries(own.applied) || own.observedGeneration !== own.generation) return undefined
  if (ready === undefined || ready.status === 'False' || ready.observedGeneration !== own.generation)
    return undefined
  if (ready.status === 'Unknown' && (own.attempted !== own.applied || !isAgain(look))) return undefined
  if (source !== undefined && source.artifact !== own.applied) {
    return {
      code: 'newer-coming',
      sentence: `${target} is Ready at ${short(own.applied)}, and ${short(source.artifact)} comes next.`,
      revision: own.applied,
    }
  }
  return isLive(look)
}

const isLive = (look: Look): Standing =>
  good({
    ...look,
    compared: look.own.applied,
    relation: look.relationOf(look.own.applied),
    isGood: 'Ready',
    atLeast: 0,
  })

/** Is this what was applied before, once more? */
const isAgain = ({ own, working }: Look): boolean => working === '' || working === own.applied

const RULES: readonly Rule[] = [
  suspended,
  blockedBy,
  behindSource,
  stalled,
  pods,
  releasesOf,
  failing,
  applied,
]

function progressing({ target, goal, compared, carries, doing, appliedSince, own }: Look): Standing {
  if (appliedSince !== undefined) {
    const what = doing === '' ? (condition(own, 'Ready')?.message ?? '') : doing
    return { code: 'progressing', sentence: `${target} is being checked: ${what}`, revision: compared }
  }
  if (carries(compared)) {
    return { code: 'syncing', sentence: `${target} is being applied: ${doing}`, revision: compared }
  }
  return {
    code: 'not-picked-up',
    sentence: `The source of ${target} is at ${short(goal.commit)}; it has not begun with it.`,
    revision: compared,
  }
}
