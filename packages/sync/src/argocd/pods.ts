// The pods of an application, seen with its operation.
import { asksForOurs } from '../pods/proof.ts'
import { failingPods } from '../pods/standing.ts'
import type { Standing } from '../standing.ts'
import type { PodState } from '../types.ts'
import type { Look } from './look.ts'

/** The server's times are whole seconds, of two clocks. */
const TOLERANCE = 2000

export function failing(look: Look): Standing | undefined {
  const phase = look.state.operation?.phase
  if (phase === 'Failed' || phase === 'Error') return undefined
  const isOurs = madeByOurs(look)
  return failingPods(look, pod => isOurs(pod) && asksForOurs(pod, look.goal))
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
