// What real controllers sent, and what we say to it.
import { describe, expect, test } from '@jest/globals'
import { evaluate } from './evaluate.ts'
import { PUSHED, readRecordings, type Recording } from './recordings.ts'
import type { Goal, Result, Verdict } from './types.ts'

const argocd = new Map(readRecordings('argocd').map(recording => [recording.scenario, recording]))
const flux = new Map(readRecordings('flux').map(recording => [recording.scenario, recording]))

function replay(
  recording: Recording | undefined,
  wishes: Partial<Goal> = {},
  now = PUSHED + 500_000,
): Verdict {
  if (!recording) throw new Error('There is no such recording.')
  return evaluate(recording.observations, { ...recording.goal, ...wishes }, now)
}

describe('a recording of a real Argo CD gets the verdict on its first line', () => {
  test.each<[string, Result, string, Partial<Goal>]>([
    ['01-healthy', 'live', 'healthy', {}],
    ['02-bad-image', 'failed', 'image-pull', {}],
    ['02b-bad-image-deadline', 'failed', 'image-pull', {}],
    ['03-crashloop', 'failed', 'crash-loop', {}],
    ['03b-oom', 'failed', 'crash-loop', {}],
    ['04-rejected-manifest', 'failed', 'sync-retrying', { onRetry: 'fail' }],
    ['05-superseded', 'superseded', 'superseded', {}],
    ['06-reverted', 'reverted', 'reverted', {}],
    ['07-sync-off', 'blocked', 'auto-sync-off', {}],
    ['08-presync-hook-fails', 'failed', 'sync-retrying', { onRetry: 'fail' }],
    ['08b-postsync-hook-fails', 'failed', 'sync-failed', {}],
    ['09-degraded-recovers', 'live', 'healthy', {}],
    ['10-app-appears-late', 'live', 'healthy', {}],
    ['11-noop', 'live', 'healthy', {}],
    ['12-other-path', 'live', 'healthy', {}],
    ['12b-other-path-annotated', 'live', 'healthy', {}],
    ['13-sync-window', 'blocked', 'sync-window', {}],
    ['16-broken-yaml', 'failed', 'manifest', {}],
    ['17-fix-after-failed-sync', 'failed', 'sync-retrying', { onRetry: 'fail' }],
    ['18-newer-commit-during-hook', 'superseded', 'superseded', {}],
    ['19-git-down', 'live', 'healthy', {}],
  ])('%s: %s', (scenario, result, code, wishes) => {
    expect(argocd.get(scenario)?.verdict).toBe(result)
    expect(replay(argocd.get(scenario), wishes)).toMatchObject({ result, reason: { code } })
  })
})

describe('a recording of a real Flux gets the verdict on its first line', () => {
  test.each<[string, Result, string, Partial<Goal>]>([
    ['01-healthy', 'live', 'healthy', {}],
    ['02-bad-image', 'failed', 'image-pull', {}],
    ['02b-bad-image-deadline', 'failed', 'image-pull', {}],
    ['03-crashloop', 'failed', 'crash-loop', {}],
    ['03b-oom', 'failed', 'crash-loop', {}],
    ['04-rejected-manifest', 'failed', 'sync-retrying', { onRetry: 'fail' }],
    ['05-superseded', 'superseded', 'superseded', {}],
    ['06-reverted', 'reverted', 'reverted', {}],
    ['07-sync-off', 'blocked', 'suspended', {}],
    ['09-degraded-recovers', 'live', 'healthy', {}],
    ['10-app-appears-late', 'live', 'healthy', {}],
    ['11-noop', 'live', 'healthy', {}],
    ['12-other-path', 'live', 'healthy', {}],
    ['14-depends-on', 'blocked', 'dependency-not-ready', {}],
    ['15-health-timeout', 'live', 'healthy', {}],
    ['16-broken-yaml', 'failed', 'manifest', {}],
    ['17-fix-after-failed-sync', 'superseded', 'superseded', {}],
    ['19-git-down', 'live', 'healthy', {}],
    ['20-helm-healthy', 'live', 'healthy', {}],
    ['21-helm-rollback', 'failed', 'image-pull', {}],
  ])('%s: %s', (scenario, result, code, wishes) => {
    expect(flux.get(scenario)?.verdict).toBe(result)
    expect(replay(flux.get(scenario), wishes)).toMatchObject({ result, reason: { code } })
  })
})

test('a retry that is waited for leaves its error in the timeout', () => {
  const verdict = replay(argocd.get('04-rejected-manifest'), {}, PUSHED + 600_000)
  expect(verdict.result).toBe('timeout')
  expect(verdict.reason.sentence).toContain('Service "bad" is invalid: spec.ports[0].port')
})

describe('nothing is green before it is, even when health needs to hold for half a second only', () => {
  test.each(
    [...argocd.values(), ...flux.values()].map(one => [one.goal.provider, one.scenario, one] as const),
  )('%s %s', (_provider, _scenario, recording) => {
    const good = recording.verdict === 'live' || recording.verdict === 'superseded'
    const last = Math.max(...recording.observations.map(({ at }) => at))
    for (const { at } of recording.observations) {
      const early = replay(recording, { settle: 500 }, at).result
      if (!good || at < last - 1000) expect(['waiting', recording.verdict]).toContain(early)
    }
  })
})
