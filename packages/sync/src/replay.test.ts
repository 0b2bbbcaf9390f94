// What real controllers sent, and what we say to it.
import { describe, expect, test } from '@jest/globals'
import { evaluate } from './evaluate.ts'
import { PUSHED, readRecordings } from './recordings.ts'
import type { Goal, Result, Verdict } from './types.ts'

const recordings = new Map(readRecordings().map(recording => [recording.scenario, recording]))

function replay(scenario: string, wishes: Partial<Goal> = {}, now = PUSHED + 500_000): Verdict {
  const recording = recordings.get(scenario)
  if (!recording) throw new Error(`There is no recording ${scenario}.`)
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
    expect(recordings.get(scenario)?.verdict).toBe(result)
    expect(replay(scenario, wishes)).toMatchObject({ result, reason: { code } })
  })
})

test('a retry that is waited for leaves its error in the timeout', () => {
  const verdict = replay('04-rejected-manifest', {}, PUSHED + 600_000)
  expect(verdict.result).toBe('timeout')
  expect(verdict.reason.sentence).toContain('Service "bad" is invalid: spec.ports[0].port')
})

describe('nothing is green before it is, even when health needs to hold for half a second only', () => {
  test.each([...recordings.keys()])('%s', scenario => {
    const recording = recordings.get(scenario)
    const good = recording?.verdict === 'live' || recording?.verdict === 'superseded'
    const last = Math.max(...(recording?.observations ?? []).map(({ at }) => at))
    for (const { at } of recording?.observations ?? []) {
      const early = replay(scenario, { settle: 500 }, at).result
      if (!good || at < last - 1000) expect(['waiting', recording?.verdict]).toContain(early)
    }
  })
})
