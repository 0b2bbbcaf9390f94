// What each moment of a Kustomization says, in their order.
import type { History } from '../history.ts'
import { proofOf } from '../pods/standing.ts'
import type { Reading, Standing } from '../standing.ts'
import type { Goal } from '../types.ts'
import { look, type Before } from './look.ts'
import { momentsOf } from './moments.ts'
import { standing } from './rules.ts'

export function readKustomizations(target: string, history: History, goal: Goal): Reading[] {
  let before: Before = { sourceHadOurs: false, appliedSince: undefined }
  return momentsOf(target, history).map(moment => {
    const own = moment.objects.get(target)?.state
    if (own === undefined) return readAbsence(target, moment.at, goal)
    const seen = look(target, own, moment, history, goal, before)
    const { at, compared, relation, carries, source, appliedSince } = seen
    before = { sourceHadOurs: before.sourceHadOurs || carries(source?.artifact ?? ''), appliedSince }
    const ready = own.conditions.find(({ type }) => type === 'Ready')
    return {
      at,
      standing: standing(seen),
      live: own.applied,
      health: ready === undefined ? 'Unknown' : HEALTH[ready.status],
      compared,
      relation,
      answered: !goal.refresh || history.refreshes(own.source).length > 0,
      refreshOf: carries(source?.artifact ?? '') ? target : own.source,
      proof: proofOf(seen),
    }
  })
}

const HEALTH = { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' } as const

function readAbsence(target: string, at: number, goal: Goal): Reading {
  const absence: Standing = {
    code: 'kustomization-missing',
    sentence: `There is no ${target}.`,
    next: 'Check "kustomizations" and "kubeconfig", or raise "appear-timeout".',
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
