// Recordings of a real Flux through a Kubernetes API at its worst: the verdict is the right one, or none in time.
import { describe, expect, test } from '@jest/globals'
import { createFluxObserver, type Goal } from '@gitops-relay/sync'
import { inLane } from '../../../../test/lane.ts'
import { fair, readTrace, recordedCluster, type Trace, type Weather } from './recorded-cluster.test-double.ts'
import { PUSHED, waitOut } from './waiting.test-double.ts'

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
  ['09-degraded-recovers', {}],
  ['10-app-appears-late', {}],
  ['11-noop', {}],
  ['12-other-path', {}],
  ['14-depends-on', {}],
  ['15-health-timeout', {}],
  ['16-broken-yaml', {}],
  ['17-fix-after-failed-sync', {}],
  ['19-git-down', {}],
  ['20-helm-healthy', {}],
  ['21-helm-rollback', {}],
]
const traces = new Map(scenarios.map(([scenario]) => [scenario, readTrace(scenario)]))

const wait = (trace: Trace, wishes: Partial<Goal>, weather: Weather, seed: number) => {
  const target = `Kustomization/flux-system/${trace.header.kustomization}`
  return waitOut({
    header: trace.header,
    provider: 'flux',
    target,
    wishes,
    unanswered: weather.failed,
    seed,
    observe: (clock, random) =>
      createFluxObserver(recordedCluster(trace, PUSHED, clock, random, weather), [target], clock),
  })
}

const storm: Weather = { failed: 0.3, cut: 0.2, silent: 0.05, forgotten: 0.5 }

/** The recording ends while the pods run once more: who has not seen them crash by then sees nothing wrong. */
const STOPPED = new Set(['03-crashloop', '03b-oom'])

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
      const { result, reason } = (await wait(trace, wishes, storm, seed)).verdict
      const isCutShort = STOPPED.has(scenario) && result === 'timeout'
      if (result !== trace.header.verdict && !isCutShort) wrong.push(`${seed}: ${result} ${reason.sentence}`)
    }
    expect(wrong).toEqual([])
  })
})
