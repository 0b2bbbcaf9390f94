import { describe, expect, test } from '@jest/globals'
import type { Goal, TargetVerdict, Verdict } from '@gitops-relay/sync'
import { outputs, report } from './report.ts'

const OURS = 'a'.repeat(40)
const goal: Goal = {
  provider: 'argocd',
  commit: OURS,
  repository: 'https://git.example/config',
  targets: ['shop', 'web'],
  startedAt: 1000,
  deadline: 601_000,
  appearTimeout: 120_000,
  settle: 5000,
  degradedGrace: 30_000,
  refresh: true,
  onRetry: 'wait',
  onSuspended: 'fail',
}
const target = (name: string, change: Partial<TargetVerdict> = {}): TargetVerdict => ({
  target: name,
  result: 'live',
  revision: OURS,
  health: 'Healthy',
  reason: { code: 'healthy', sentence: `${name} is Healthy.` },
  since: 6000,
  seenAt: 3000,
  syncedAt: 4000,
  healthyAt: 6000,
  ...change,
})
const live: Verdict = {
  result: 'live',
  reason: { code: 'healthy', sentence: 'shop is Healthy.' },
  revision: OURS,
  targets: [target('shop'), target('web', { seenAt: 3500, syncedAt: 5000 })],
  deadline: 601_000,
  questions: [],
  attend: [],
}
const tell = (change: Partial<Verdict> = {}, onSuperseded: 'success' | 'fail' = 'success') =>
  report({
    verdict: { ...live, ...change },
    goal,
    inputs: { onSuperseded },
    pushedAt: 500,
    endedAt: 13_340,
    recordPath: '/tmp/record.jsonl',
  })

test('a live commit has no reason, and a timeline that waits for the last target', () => {
  const outcome = tell()
  expect(outcome).toMatchObject({ result: 'live', outputs: { revision: OURS, duration: 12.3 } })
  expect(outcome.reason).toBeUndefined()
  expect(outcome.failure).toBeUndefined()
  expect(JSON.parse(String(outcome.outputs['timeline']))).toEqual([
    { at: '1970-01-01T00:00:00.500Z', event: 'pushed' },
    { at: '1970-01-01T00:00:03.500Z', event: 'seen' },
    { at: '1970-01-01T00:00:05.000Z', event: 'synced' },
    { at: '1970-01-01T00:00:06.000Z', event: 'healthy' },
  ])
})

test('only outputs that action.yml has are set', () => {
  expect(outputs).toEqual(expect.arrayContaining(Object.keys(tell().outputs)))
})

describe('the step is red but for live, and for superseded where that is fine', () => {
  test.each<[Verdict['result'], 'success' | 'fail', boolean]>([
    ['live', 'fail', false],
    ['superseded', 'success', false],
    ['superseded', 'fail', true],
    ['reverted', 'success', true],
    ['failed', 'success', true],
    ['blocked', 'success', true],
    ['timeout', 'success', true],
  ])('%s, on-superseded %s: %s', (result, onSuperseded, isRed) => {
    expect(tell({ result }, onSuperseded).failure !== undefined).toBe(isRed)
  })
})

test('a timeout says how long, and what held it', () => {
  const reason = { code: 'syncing', sentence: 'shop is being synced: waiting for Job migrate.' }
  expect(tell({ result: 'timeout', reason }).reason).toMatch(
    /^timeout: Not live after 600 s\. shop is being synced: waiting for Job migrate/,
  )
})

test('what a server says ends before the remedy begins', () => {
  const reason = { code: 'sync-failed', sentence: 'shop fails: no such Job', next: 'Mend it.' }
  const { failure, summary } = tell({ result: 'failed', reason })
  expect(failure?.message).toBe('shop fails: no such Job. Mend it.')
  expect(summary).toContain('no such Job. Mend it.')
})

test('what a controller says is one line in the outputs, and text in the summary', () => {
  const sentence = 'shop fails: <b>bad</b>\n::error::@everyone [x](http://evil.example) | `rm`'
  const reason = { code: 'sync-failed', sentence }
  const {
    summary,
    reason: text,
    outputs: set,
  } = tell({
    result: 'failed',
    reason,
    targets: [target('shop', { result: 'failed', reason })],
  })
  expect(text).not.toContain('\n')
  expect(String(set['targets'])).not.toContain('\\n')
  expect(summary).not.toMatch(/<b>|^::error|\]\(http/m)
  expect(summary.split('\n').filter((line: string) => line.startsWith('| shop'))).toHaveLength(1)
})
