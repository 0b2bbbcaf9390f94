// Waiting for a recorded commit, in virtual time, by a chance that is the same for the same seed.
import type { Goal, Observation, Observer, Verdict } from '@gitops-relay/sync'
import { virtualClock } from '@gitops-relay/testing'
import type { Clock, Random } from '@gitops-relay/http/clock'
import { waitFor } from '../wait.ts'

export const PUSHED = Date.UTC(2030, 0, 1)
export const START = PUSHED - 500

export interface Header {
  scenario: string
  verdict: string
  commit: string
  image?: string
  changedFiles?: string[]
  newerCommits: { sha: string; keepsOurImage: boolean }[]
}

/** Numbers that look like chance. */
export function chance(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Waiting {
  header: Header
  provider: Goal['provider']
  target: string
  wishes: Partial<Goal>
  observe: (clock: Clock, random: Random) => Observer
  /** Share of the questions about revisions that nobody can answer. */
  unanswered: number
  seed: number
}

export async function waitOut({
  header,
  provider,
  target,
  wishes,
  observe,
  unanswered,
  seed,
}: Waiting): Promise<{ verdict: Verdict; endedAt: number }> {
  const clock = virtualClock(START)
  const random = chance(seed)
  const [repository = '', digest = ''] = (header.image ?? '').split('@')
  const goal: Goal = {
    provider,
    commit: header.commit,
    repository: 'http://127.0.0.1:18090/config.git',
    targets: [target],
    startedAt: START,
    deadline: START + 600_000,
    appearTimeout: 120_000,
    settle: 5000,
    degradedGrace: 30_000,
    refresh: true,
    onRetry: 'wait',
    onSuspended: 'fail',
    ...(digest === '' ? {} : { proof: { images: [{ repository, digest }], digests: [], required: true } }),
    ...(header.changedFiles === undefined ? {} : { changedFiles: header.changedFiles }),
    ...wishes,
  }
  const relate = async (revision: string, signal: AbortSignal): Promise<Observation> => {
    await clock.sleep(20 + random() * 500, signal)
    const answer = { kind: 'revision', at: clock.now(), revision } as const
    if (random() < unanswered) return { ...answer, relation: 'unknown', detail: 'the network is bad' }
    const newer = header.newerCommits.find(({ sha }) => sha === revision)
    return newer
      ? { ...answer, relation: 'newer', value: newer.keepsOurImage ? 'kept' : 'reverted' }
      : { ...answer, relation: 'older' }
  }
  const collaborators = {
    observer: observe(clock, random),
    relate,
    clock,
    record: () => {},
    progress: () => {},
  }
  const verdict = await clock.run(waitFor(goal, collaborators, new AbortController().signal))
  return { verdict, endedAt: clock.now() }
}
