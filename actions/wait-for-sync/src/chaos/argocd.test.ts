// Recordings of a real Argo CD over the worst of networks: the verdict is the right one, or none in time.
import { describe, expect, test } from '@jest/globals'
import { createArgoServer, createObserver, nameTargets, openSession, type Goal } from '@gitops-relay/sync'
import { inLane } from '../../../../test/lane.ts'
import { fair, readTrace, recordedArgoCd, type Trace, type Weather } from './recorded-argocd.test-double.ts'
import { chance, PUSHED, START, waitOut } from './waiting.test-double.ts'

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

const wait = (trace: Trace, wishes: Partial<Goal>, weather: Weather, seed: number) =>
  waitOut({
    header: trace.header,
    provider: 'argocd',
    target: trace.header.application,
    wishes,
    unanswered: weather.failed,
    seed,
    observe: (clock, random) => {
      const http = recordedArgoCd(trace, PUSHED, clock, random, weather)
      const url = new URL('http://argocd.example/')
      const session = openSession(http, url, { username: 'ci', password: 'secret' }, () => {})
      const server = createArgoServer(http, url, session, '', clock)
      const targets = nameTargets([trace.header.application])
      return createObserver(server, targets, { project: '', selector: '' }, clock)
    },
  })

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
