// Recordings of a real Argo CD over the worst of networks: the verdict is the right one, or none in time.
import { describe, expect, test } from '@jest/globals'
import {
  createArgoServer,
  createObserver,
  nameTargets,
  openSession,
  type Goal,
  type Observation,
  type Verdict,
} from '@gitops-relay/sync'
import { virtualClock } from '@gitops-relay/testing'
import { inLane } from '../../../test/lane.ts'
import { fair, readTrace, recordedArgoCd, type Trace, type Weather } from './recorded-argocd.test-double.ts'
import { waitFor } from './wait.ts'

const PUSHED = Date.UTC(2030, 0, 1)
const START = PUSHED - 500

const scenarios: [scenario: string, wishes: Partial<Goal>][] = [
  ['01-healthy', {}],
  ['02-bad-image', {}],
  ['02b-bad-image-deadline', {}],
  ['03-crashloop', {}],
  ['03b-oom', {}],
  ['04-rejected-manifest', { onRetry: 'fail' }],
  ['05-superseded', {}],
  ['06-reverted', {}],
  ['07-sync-off', {}],
  ['08-presync-hook-fails', { onRetry: 'fail' }],
  ['08b-postsync-hook-fails', {}],
  ['09-degraded-recovers', {}],
  ['10-app-appears-late', {}],
  ['11-noop', {}],
  ['12-other-path', {}],
  ['13-sync-window', {}],
  ['16-broken-yaml', {}],
  ['18-newer-commit-during-hook', {}],
  ['19-git-down', {}],
]
const traces = new Map(scenarios.map(([scenario]) => [scenario, readTrace(scenario)]))

/** Numbers that look like chance, and are the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function wait(
  { header, lines }: Trace,
  wishes: Partial<Goal>,
  weather: Weather,
  seed: number,
): Promise<{ verdict: Verdict; endedAt: number }> {
  const clock = virtualClock(START)
  const random = chance(seed)
  const http = recordedArgoCd({ header, lines }, PUSHED, clock, random, weather)
  const server = new URL('http://argocd.example/')
  const [repository = '', digest = ''] = (header.image ?? '').split('@')
  const goal: Goal = {
    provider: 'argocd',
    commit: header.commit,
    repository: 'http://127.0.0.1:18090/config.git',
    targets: [header.application],
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
    if (random() < weather.failed) return { ...answer, relation: 'unknown', detail: 'the network is bad' }
    const newer = header.newerCommits.find(({ sha }) => sha === revision)
    return newer
      ? { ...answer, relation: 'newer', value: newer.keepsOurImage ? 'kept' : 'reverted' }
      : { ...answer, relation: 'older' }
  }
  const session = openSession(http, server, { username: 'ci', password: 'secret' }, () => {})
  const observer = createObserver(
    createArgoServer(http, server, session, '', clock),
    nameTargets(goal.targets),
    { project: '', selector: '' },
    clock,
  )
  const collaborators = { observer, relate, clock, record: () => {}, progress: () => {} }
  const verdict = await clock.run(waitFor(goal, collaborators, new AbortController().signal))
  return { verdict, endedAt: clock.now() }
}

/** A connection in five is cut, an answer in ten a 503, one in twenty no answer at all; every stream ends after 30 s. */
function storm(seed: number): Weather {
  const random = chance(seed + 1_000_000)
  const from = START + random() * 40_000
  return {
    dropped: 0.2,
    failed: 0.1,
    garbage: 0.05,
    frozen: 0.05,
    session: 10_000 + random() * 30_000,
    cut: 30_000,
    away: [from, from + random() * 10_000],
  }
}

describe('each recording', () => {
  test.each(scenarios)('%s, in fair weather', async (scenario, wishes) => {
    const trace = traces.get(scenario)!
    const { verdict } = await wait(trace, wishes, fair, 1)
    expect(`${verdict.result} ${verdict.reason.sentence}`).toMatch(new RegExp(`^${trace.header.verdict} `))
  })

  const runs = inLane(60, 600)
  test.each(scenarios)(`%s, in ${runs} storms`, async (scenario, wishes) => {
    const trace = traces.get(scenario)!
    const wrong: string[] = []
    for (let seed = 1; seed <= runs; seed++) {
      const { result, reason } = (await wait(trace, wishes, storm(seed), seed)).verdict
      if (result !== trace.header.verdict) wrong.push(`${seed}: ${result} ${reason.sentence}`)
    }
    expect(wrong).toEqual([])
  })
})

test('the deadline is kept within a second, whatever hangs', async () => {
  for (let seed = 1; seed <= inLane(10, 200); seed++) {
    const deadline = START + 1000 + seed * 150
    const { verdict, endedAt } = await wait(traces.get('01-healthy')!, { deadline }, storm(seed), seed)
    if (verdict.result === 'timeout') expect(endedAt - deadline).toBeLessThanOrEqual(1000)
    else expect(verdict.result).toBe('live')
  }
})
