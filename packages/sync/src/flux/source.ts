// The source of a Kustomization: is it at our commit yet, and if not, will it ever be?
import { GRACE, short, type Standing } from '../standing.ts'
import { condition, type Look } from './look.ts'

/** Undefined: it is at our commit, or one that contains it. */
export function behindSource(look: Look): Standing | undefined {
  const { own, source, target, goal, compared, carries, relationOf, fresh, sourceHadOurs } = look
  const wait = (code: string, sentence: string, next?: string): Standing => ({
    code,
    sentence,
    revision: source?.artifact ?? '',
    ...(next === undefined ? {} : { next }),
  })
  if (source === undefined) {
    return {
      ...wait(
        'source-missing',
        `${own.source}, the source of ${target}, does not exist.`,
        'Check spec.sourceRef.',
      ),
      becomes: { result: 'failed', after: goal.appearTimeout },
    }
  }
  if (carries(source.artifact)) return undefined
  // Its Kustomization cannot have what it has not had: another watch is behind.
  if (carries(compared) && !sourceHadOurs) return undefined
  if (source.suspended) {
    return {
      ...wait('suspended', `${own.source} is suspended: spec.suspend is true.`, 'Resume it.'),
      becomes: { result: 'blocked', after: 0 },
    }
  }
  if (source.ref.fixed !== '' && fresh) {
    const { fixed } = source.ref
    return {
      ...wait(
        'tracks-other-ref',
        `${own.source} follows ${fixed}, not the branch that the commit was pushed to.`,
        'Let spec.ref name the branch.',
      ),
      becomes: { result: 'failed', after: /^[\da-f]{40}/.test(fixed) ? 0 : goal.degradedGrace },
    }
  }
  for (const type of ['Stalled', 'FetchFailed', 'StorageOperationFailed']) {
    const found = condition(source, type)
    if (found?.status !== 'True') continue
    return {
      ...wait(
        type === 'Stalled' ? 'source-stalled' : 'source-failed',
        `${own.source} fails: ${found.reason}: ${found.message}`,
        'Check its url, ref and secretRef.',
      ),
      becomes: { result: 'failed', after: type === 'Stalled' ? 0 : GRACE },
    }
  }
  const verified = condition(source, 'SourceVerified')
  if (verified?.status === 'False') {
    return {
      ...wait(
        'source-unverified',
        `${own.source} refuses the commit: ${verified.message}`,
        'Sign it with a trusted key.',
      ),
      becomes: { result: 'failed', after: 0 },
    }
  }
  const relation = relationOf(source.artifact)
  if (relation === 'diverged' && fresh) {
    return {
      ...wait(
        'diverged',
        `${own.source} is at ${short(source.artifact)}, which neither contains ${short(goal.commit)} nor is contained in it.`,
        `Look at its spec.ref (${source.ref.branch || 'the default branch'}), and whether the branch was force-pushed.`,
      ),
      becomes: { result: 'failed', after: goal.degradedGrace },
    }
  }
  if (sourceHadOurs && relation === 'older') {
    return {
      ...wait(
        'rolled-back',
        `${own.source} was at ${short(goal.commit)} and went back to ${short(source.artifact)}.`,
        'Look at the branch in the config repository.',
      ),
      becomes: { result: 'reverted', after: goal.degradedGrace },
    }
  }
  const last = source.artifact === '' ? 'has no artifact yet' : `is at ${short(source.artifact)}`
  return wait('not-seen', `${own.source} has not seen ${short(goal.commit)}; it ${last}.`)
}
