// What happened when: the lead time of a commit, told by its verdict.
import type { Time, Verdict } from './types.ts'

export interface Milestone {
  at: Time
  event: 'pushed' | 'seen' | 'synced' | 'healthy'
}

/** A milestone is reached when the last target has reached it. @param pushedAt undefined when nobody knows */
export function timeline({ targets }: Verdict, pushedAt: Time | undefined): Milestone[] {
  const reached = (event: Milestone['event'], times: readonly (Time | undefined)[]): Milestone[] => {
    const known = times.filter(time => time !== undefined)
    return known.length > 0 && known.length === times.length ? [{ at: Math.max(...known), event }] : []
  }
  return [
    ...reached('pushed', [pushedAt]),
    ...reached(
      'seen',
      targets.map(({ seenAt }) => seenAt),
    ),
    ...reached(
      'synced',
      targets.map(({ syncedAt }) => syncedAt),
    ),
    ...reached(
      'healthy',
      targets.map(({ healthyAt }) => healthyAt),
    ),
  ]
}
