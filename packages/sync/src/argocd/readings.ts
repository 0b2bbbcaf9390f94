// What each state of an application says, in their order.
import type { History, Moment } from '../history.ts'
import type { Reading, Standing } from '../standing.ts'
import type { Goal, Reason } from '../types.ts'
import { proofOf } from '../pods/standing.ts'
import { liveRevision, look, type Before } from './look.ts'
import { standing } from './rules.ts'

export function readApplications(target: string, history: History, goal: Goal): Reading[] {
  let before: Before = { hadOurs: false, appliedSince: undefined }
  return history.moments(target).map(moment => {
    if ('absent' in moment) return readAbsence(target, moment, goal)
    const seen = look(target, moment, history, goal, before)
    const { at, compared, relation, answered, state } = seen
    const hasOurs = relation === 'ours' || relation === 'newer'
    before = { hadOurs: before.hadOurs || hasOurs, appliedSince: seen.appliedSince }
    return {
      at,
      standing: standing(seen),
      live: liveRevision(seen),
      health: state.health?.status ?? '',
      compared,
      relation,
      answered,
      refreshOf: target,
      proof: proofOf(seen),
    }
  })
}

function readAbsence(
  target: string,
  { at, absent }: Extract<Moment, { absent: unknown }>,
  goal: Goal,
): Reading {
  const gone: Record<typeof absent, Reason> = {
    'not-found': {
      code: 'app-missing',
      sentence: `There is no application ${target}.`,
      next: 'Check "applications" and "argocd-project", or raise "appear-timeout".',
    },
    hidden: {
      code: 'app-missing',
      sentence: `Application ${target} does not exist, or the token may not get it; Argo CD answers 403 to both.`,
      next: 'Give "argocd-project" to tell them apart, and the token the right applications, get.',
    },
    deleted: {
      code: 'app-deleted',
      sentence: `Application ${target} was deleted while we waited.`,
      next: 'Create it again, or take it out of "applications".',
    },
  }
  const absence: Standing = {
    ...gone[absent],
    revision: '',
    becomes: { result: 'failed', after: goal.appearTimeout },
  }
  return {
    at,
    standing: absence,
    live: '',
    health: '',
    compared: '',
    relation: 'unknown',
    answered: false,
    refreshOf: target,
    proof: undefined,
  }
}
