// What a state of an application means for our commit: the first rule that has something to say decides.
import { healthOf } from './health.ts'
import { GRACE, isCommit, short, type Standing } from '../standing.ts'
import type { Look } from './look.ts'
import { operationOf, outOfSync } from './operation.ts'
import { failing } from './pods.ts'

type Rule = (look: Look) => Standing | undefined

/** Total: every state means something. */
export function standing(look: Look): Standing {
  for (const rule of RULES) {
    const found = rule(look)
    if (found) return found
  }
  return healthOf(look)
}

const deleting: Rule = ({ state, target, compared, goal }) =>
  state.deleting
    ? {
        code: 'app-deleted',
        sentence: `Application ${target} is being deleted.`,
        next: 'Create it again, or take it out of "applications".',
        revision: compared,
        becomes: { result: 'failed', after: goal.appearTimeout },
      }
    : undefined

const hydrated: Rule = ({ state, target, compared }) =>
  state.hydrated
    ? {
        code: 'not-yet',
        sentence: `Application ${target} uses spec.sourceHydrator, whose revisions wait-for-sync cannot follow yet.`,
        next: 'Take it out of "applications".',
        revision: compared,
        becomes: { result: 'failed', after: 0 },
      }
    : undefined

const skipped: Rule = ({ state, target, compared }) =>
  state.skipped
    ? {
        code: 'skip-reconcile',
        sentence: `Application ${target} is not reconciled: it has the annotation argocd.argoproj.io/skip-reconcile.`,
        next: 'Remove the annotation.',
        revision: compared,
        becomes: { result: 'blocked', after: 0 },
      }
    : undefined

const ERRORS = new Set(['ComparisonError', 'InvalidSpecError', 'UnknownError'])
const TRANSPORT =
  /Unavailable|connection refused|connection reset|deadline exceeded|i\/o timeout|no such host|\bEOF\b|failed to list refs/

/**
 * A comparison that fails names the branch as its revision, so it is ours by time only: a state made after our refresh.
 * What the network did to the controller gets a grace. Recorded: 16-broken-yaml, 19-git-down.
 */
const incomparable: Rule = ({ state, target, compared, fresh }) => {
  const error = state.conditions.find(({ type }) => ERRORS.has(type))
  if (!error && state.sync?.status !== 'Unknown') return undefined
  const message = error ? `${error.type}: ${error.message}` : 'its sync status is Unknown'
  const passing = !error || !fresh || TRANSPORT.test(error.message)
  return {
    code: 'manifest',
    sentence: `Argo CD cannot compare application ${target}: ${message}`,
    next: 'Mend the manifests at its source path, or the source in its spec.',
    revision: compared,
    becomes: { result: 'failed', after: passing ? GRACE : 0 },
  }
}

/**
 * Argo CD has not compared our commit yet. A fresh comparison at an older commit is no proof that it never will:
 * with git down it falls back to the revision it knew (19-git-down).
 */
const unseen: Rule = look => {
  const { state, target, compared, relation, detail, goal, hadOurs, fresh } = look
  if (relation === 'ours' || relation === 'newer') return undefined
  if (look.requestIsOurs)
    return wait(look, 'requested', `The sync of ${target} to ${short(goal.commit)} is requested.`)
  if (relation === 'diverged' && fresh) {
    return {
      code: 'diverged',
      sentence: `Application ${target} is at ${short(compared)}, which neither contains ${short(goal.commit)} nor is contained in it.`,
      next: `Look at its targetRevision (${state.sources.map(source => source.targetRevision).join(', ')}), and whether the branch was force-pushed.`,
      revision: compared,
      becomes: { result: 'failed', after: goal.degradedGrace },
    }
  }
  const pinned = state.sources.find(
    source => isCommit(source.targetRevision) && source.targetRevision === compared,
  )
  if (pinned && relation === 'older') {
    return {
      code: 'tracks-other-ref',
      sentence: `Application ${target} is pinned to commit ${short(compared)} by its targetRevision.`,
      next: 'Let targetRevision name the branch that the commit was pushed to.',
      revision: compared,
      becomes: { result: 'failed', after: 0 },
    }
  }
  if (hadOurs && relation === 'older') {
    return {
      code: 'rolled-back',
      sentence: `Application ${target} was at ${short(goal.commit)} and went back to ${short(compared)}.`,
      next: 'Look for a rollback in its history.',
      revision: compared,
      becomes: { result: 'reverted', after: goal.degradedGrace },
    }
  }
  const last =
    compared === '' ? 'has not compared it with any commit yet' : `last compared it with ${short(compared)}`
  const doubt = detail === '' ? '' : `; how that stands to it cannot be told${detail}`
  return wait(
    look,
    'not-seen',
    `Argo CD has not seen ${short(goal.commit)} for ${target}; it ${last}${doubt}.`,
  )
}

const RULES: readonly Rule[] = [
  deleting,
  hydrated,
  skipped,
  incomparable,
  unseen,
  failing,
  operationOf,
  outOfSync,
]

function wait({ compared }: Look, code: string, sentence: string): Standing {
  return { code, sentence, revision: compared }
}
