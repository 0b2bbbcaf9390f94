// What each rule says, and how long it waits before it says it.
import { describe, expect, test } from '@jest/globals'
import { evaluate } from './evaluate.ts'
import { answer, goal, live, NEWER, OLD, OURS, START } from './samples.ts'
import type { ApplicationState, Goal, Observation, Operation, ValueFate } from './types.ts'

let version = 0
function seen(
  after: number,
  change: Partial<ApplicationState> = {},
  target = 'shop',
  its = String(++version),
): Observation {
  return { kind: 'application', at: START + after, target, version: its, state: { ...live, ...change } }
}
const early = (after: number, change: Partial<ApplicationState> = {}) => seen(after, change, 'shop', '0')
const at = (revision: string): Partial<ApplicationState> => ({
  sync: { status: 'Synced', revisions: [revision] },
})
const withOperation = (revision: string) => ({
  ...at(revision),
  operation: { ...live.operation!, revisions: [revision] },
})
const judge = (observations: Observation[], after: number, wishes: Partial<Goal> = {}) =>
  evaluate(observations, { ...goal, ...wishes }, START + after)

describe('each rule says its result no earlier than its grace allows', () => {
  const degraded: Partial<ApplicationState> = { health: { status: 'Degraded', message: '', since: START } }
  const outOfSync: Partial<ApplicationState> = { sync: { status: 'OutOfSync', revisions: [OURS] } }
  const idle: Partial<ApplicationState> = { operation: { ...live.operation!, revisions: [OLD] } }
  const failing: Operation = {
    phase: 'Failed',
    message: 'Service bad is invalid',
    retries: 5,
    failures: [],
    revisions: [OURS],
  }
  test.each<[string, string, string, Partial<ApplicationState>, number, Partial<Goal>]>([
    ['healthy', 'live', 'healthy', {}, 5000, {}],
    ['healthy at a chosen settle', 'live', 'healthy', {}, 20_000, { settle: 20_000 }],
    [
      'healthy before the end of the sync',
      'live',
      'healthy',
      { health: { status: 'Healthy', message: '', since: START } },
      5000,
      { settle: 0 },
    ],
    ['degraded', 'failed', 'degraded', degraded, 30_000, {}],
    ['suspended', 'failed', 'suspended', { health: { status: 'Suspended', message: '' } }, 0, {}],
    [
      'suspended, which is fine',
      'live',
      'healthy',
      { health: { status: 'Suspended', message: '' } },
      5000,
      { onSuspended: 'success' },
    ],
    [
      'health unknown',
      'failed',
      'health-unknown',
      { health: { status: 'Unknown', message: '' } },
      60_000,
      {},
    ],
    ['sync failed', 'failed', 'sync-failed', { ...outOfSync, operation: failing }, 0, {}],
    ['post-sync hook failed', 'failed', 'sync-failed', { operation: failing }, 0, {}],
    ['out of sync, nobody works', 'failed', 'not-syncing', { ...outOfSync, ...idle }, 60_000, {}],
    ['automation off', 'blocked', 'auto-sync-off', { ...outOfSync, ...idle, automated: false }, 0, {}],
    ['skip-reconcile', 'blocked', 'skip-reconcile', { skipped: true }, 0, {}],
    ['deleted', 'failed', 'app-deleted', { deleting: true }, 120_000, {}],
    ['hydrated', 'failed', 'not-yet', { hydrated: true }, 0, {}],
    [
      'pinned',
      'failed',
      'tracks-other-ref',
      { ...at(OLD), sources: [{ ...live.sources[0]!, targetRevision: OLD }] },
      0,
      {},
    ],
  ])('%s: %s', (_, result, code, state, grace, wishes) => {
    const history = [answer(OLD, 'older'), seen(2000, state)]
    if (grace > 0) expect(judge(history, 2000 + grace - 1, wishes).result).toBe('waiting')
    expect(judge(history, 2000 + grace - 1, wishes).deadline).toBeLessThanOrEqual(
      START + 2000 + Math.max(grace, 30_000),
    )
    expect(judge(history, 2000 + grace, wishes)).toMatchObject({ result, reason: { code } })
  })
})

describe('what is not ours is not taken for ours', () => {
  const running: Operation = { phase: 'Running', message: '', revisions: [OLD], retries: 0, failures: [] }
  test.each<[string, string, Partial<ApplicationState>]>([
    [
      'everything green at the earlier commit',
      'not-seen',
      { ...at(OLD), operation: { ...running, phase: 'Succeeded' } },
    ],
    ['our sync is requested, the status still the old one', 'requested', { ...at(OLD), requested: [OURS] }],
    ['an operation for an earlier commit runs', 'queued', { operation: running }],
    ['a further sync is requested', 'requested', { requested: [NEWER] }],
    [
      'an operation that is ours in one source only',
      'queued',
      {
        sources: [live.sources[0]!, live.sources[0]!],
        sync: { status: 'Synced', revisions: [OURS, OURS] },
        operation: { ...running, revisions: [OURS, OLD] },
      },
    ],
    ['our operation still runs its hooks', 'syncing', { operation: { ...running, revisions: [OURS] } }],
    [
      'succeeded, and not in sync yet',
      'left-out-of-sync',
      { sync: { status: 'OutOfSync', revisions: [OURS] } },
    ],
    [
      'the comparison failed for the network',
      'manifest',
      { conditions: [{ type: 'ComparisonError', message: 'connection refused' }] },
    ],
    [
      'two sources, one of them behind',
      'not-seen',
      { sources: [live.sources[0]!, live.sources[0]!], sync: { status: 'Synced', revisions: [OURS, OLD] } },
    ],
  ])('%s', (_, code, state) => {
    expect(judge([answer(OLD, 'older'), seen(2000, state)], 20_000)).toMatchObject({
      result: 'waiting',
      reason: { code },
    })
  })
})

test('a failed operation of an earlier commit is stale', () => {
  const operation: Operation = { phase: 'Failed', message: 'bad', revisions: [OLD], retries: 5, failures: [] }
  expect(judge([answer(OLD, 'older'), seen(2000, { operation })], 7000).result).toBe('live')
})

test('hooks and what waits to be pruned do not make a target out of sync', () => {
  const left = { object: 'Job/shop/migrate', synced: false, health: '', message: '', aside: true }
  const state: Partial<ApplicationState> = { sync: { status: 'OutOfSync', revisions: [OURS] } }
  expect(judge([seen(2000, { ...state, resources: [left] })], 7000).result).toBe('live')
  expect(judge([seen(2000, { ...state, resources: [left, { ...left, aside: false }] })], 7000).result).toBe(
    'waiting',
  )
})

describe('a newer commit that contains ours', () => {
  test.each<[ValueFate, string]>([
    ['kept', 'superseded'],
    ['changed', 'superseded'],
    ['reverted', 'reverted'],
    ['unreadable', 'waiting'],
  ])('%s: %s', (value, result) => {
    const state = { ...at(NEWER), operation: { ...live.operation!, revisions: [NEWER] } }
    expect(judge([answer(NEWER, 'newer', value), seen(2000, state)], 7000)).toMatchObject({
      result,
      revision: NEWER,
    })
  })
})

test('health that comes and goes is not health', () => {
  const progressing: Partial<ApplicationState> = { health: { status: 'Progressing', message: '' } }
  const loop = [0, 1, 2, 3, 4].flatMap(turn => [
    seen(2000 + turn * 4000),
    seen(4000 + turn * 4000, progressing),
  ])
  expect(judge([...loop, seen(22_000)], 26_900).result).toBe('waiting')
  expect(judge([...loop, seen(22_000)], 27_000).result).toBe('live')
})

test('an application that never appears is missing, one that appears late is waited for', () => {
  const absent: Observation = { kind: 'absent', at: START, target: 'shop', cause: 'hidden' }
  expect(judge([absent], 119_999).result).toBe('waiting')
  expect(judge([absent], 120_000)).toMatchObject({ result: 'failed', reason: { code: 'app-missing' } })
  expect(judge([absent, seen(100_000)], 130_000).result).toBe('live')
})

test('the target that is furthest behind speaks for all, and the first that fails decides', () => {
  const targets = ['shop', 'web']
  const waiting = judge([seen(2000), seen(3000, at(OLD), 'web')], 9000, { targets })
  expect(waiting).toMatchObject({ result: 'waiting', revision: OLD, reason: { code: 'not-seen' } })
  const failed = judge(
    [seen(2000, { health: { status: 'Progressing', message: '' } }), seen(3000, { skipped: true }, 'web')],
    9000,
    { targets },
  )
  expect(failed.result).toBe('blocked')
  expect(failed.targets.map(({ result }) => result)).toEqual(['waiting', 'blocked'])
})

describe('a question is asked only when its answer can change something, and not again at once', () => {
  const old = seen(1000, at(OLD))
  const refreshed: Observation = { kind: 'refreshed', at: START + 2000, target: 'shop', version: '0' }
  const failed: Observation = { kind: 'refresh-failed', at: START + 2000, target: 'shop', detail: '503' }
  const stale: Partial<ApplicationState> = { operation: { ...live.operation!, revisions: [OLD] } }
  const idle = seen(1000, { sync: { status: 'OutOfSync', revisions: [OURS] }, ...stale })
  test.each<[string, Observation[], number, string[]]>([
    ['nothing compared yet: refresh, and the state before is not worth a question', [old], 1000, ['refresh']],
    ['refreshed, and still there: what is it?', [old, refreshed], 3000, ['revision']],
    ['known', [old, refreshed, answer(OLD, 'older')], 3000, []],
    ['failed a moment ago', [old, failed], 3000, ['revision']],
    ['failed, and 5 s later', [old, failed, answer(OLD, 'older')], 7000, ['refresh']],
    ['after 30 s, once more', [old, refreshed, answer(OLD, 'older')], 32_000, ['refresh']],
    ['out of sync and idle', [idle], 1000, ['windows']],
    ['for a while', [idle], 11_000, ['refresh', 'windows']],
    [
      'out of sync just after our operation',
      [seen(1000, { sync: { status: 'OutOfSync', revisions: [OURS] } })],
      1000,
      [],
    ],
    ['live', [seen(1000)], 2000, []],
  ])('%s', (_, observations, now, asked) => {
    expect(judge(observations, now).questions.map(({ ask }) => ask)).toEqual(asked)
  })
})

describe('the order of the states is that of their versions, their times those of the first sight', () => {
  const one = seen(2000)
  test.each<[string, Observation[], number]>([
    ['told twice', [one, { ...one, at: START + 4000 }], 7000],
    ['an older state arrives late', [one, early(3000, at(OLD))], 7000],
    ['an equal, older state arrives late', [one, early(3000)], 7000],
    ['a healthy state of an earlier commit does not count', [early(0, at(NEWER)), one], 7000],
  ])('%s', (_, observations, when) => {
    const known = [...observations, answer(OLD, 'older'), answer(NEWER, 'newer', 'kept')]
    expect(judge(known, when - 1).result).toBe('waiting')
    expect(judge(known, when).result).toBe('live')
  })
})

test('what is seen after the deadline comes too late', () => {
  const late = [seen(2000, at(OLD)), answer(OLD, 'older'), seen(601_000)]
  expect(judge(late, 700_000)).toMatchObject({
    result: 'timeout',
    revision: OLD,
    reason: { code: 'not-seen' },
  })
})

test('another history is a failure only when the controller has looked again', () => {
  const other = [seen(2000, at(NEWER)), answer(NEWER, 'diverged')]
  expect(judge(other, 60_000).result).toBe('waiting')
  const refreshed: Observation = { kind: 'refreshed', at: START + 3000, target: 'shop', version: '0' }
  expect(judge([...other, refreshed], 60_000)).toMatchObject({
    result: 'failed',
    reason: { code: 'diverged' },
  })
})

test('an application that goes back to an earlier commit was rolled back', () => {
  const back = [
    seen(2000, { health: { status: 'Progressing', message: '' } }),
    seen(4000, at(OLD)),
    answer(OLD, 'older'),
  ]
  expect(judge(back, 33_999).result).toBe('waiting')
  expect(judge(back, 34_000)).toMatchObject({ result: 'reverted', reason: { code: 'rolled-back' } })
})

test('each change of revision starts the settling again', () => {
  const newest = 'd'.repeat(40)
  const known = [
    answer(NEWER, 'newer', 'kept'),
    answer(newest, 'newer', 'kept'),
    seen(2000, withOperation(NEWER)),
    seen(6000, withOperation(newest)),
  ]
  expect(judge(known, 10_999).result).toBe('waiting')
  expect(judge(known, 11_000)).toMatchObject({ result: 'superseded', revision: newest })
})

test('health that may be older than the sync is looked at again, or has to hold longer', () => {
  const doubtful = seen(2000, { health: { status: 'Healthy', message: '', since: START } })
  const hasty = { settle: 500 }
  expect(judge([doubtful], 2500, hasty)).toMatchObject({
    result: 'waiting',
    deadline: START + 3000,
    questions: [],
  })
  expect(judge([doubtful], 3000, hasty).questions).toEqual([{ ask: 'refresh', target: 'shop' }])
  const refreshed: Observation = { kind: 'refreshed', at: START + 3100, target: 'shop', version: '0' }
  expect(judge([doubtful, refreshed], 3200, hasty).questions).toEqual([])
  expect(judge([doubtful, refreshed], 7000, hasty).result).toBe('live')
  const compared = seen(3100, {
    health: { status: 'Healthy', message: '', since: START },
    reconciledAt: START + 2000,
  })
  expect(judge([doubtful, compared, refreshed], 3200, hasty).result).toBe('live')
})

test('automation that is off keeps a newer commit out, whatever was synced before', () => {
  const state: Partial<ApplicationState> = {
    automated: false,
    sync: { status: 'OutOfSync', revisions: [NEWER] },
  }
  expect(judge([answer(NEWER, 'newer', 'kept'), seen(2000, state)], 3000)).toMatchObject({
    result: 'blocked',
    reason: { code: 'auto-sync-off' },
  })
})

test('what is in the way of knowing a revision is said', () => {
  const detail = 'repository not found'
  const unknown: Observation = { kind: 'revision', at: START, revision: NEWER, relation: 'unknown', detail }
  expect(judge([seen(2000, at(NEWER)), unknown], 3000).reason.sentence).toContain(detail)
})
