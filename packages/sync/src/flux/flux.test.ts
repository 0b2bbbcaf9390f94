// What each rule about Flux says, and how long it waits before it says it.
import { describe, expect, test } from '@jest/globals'
import { evaluate } from '../evaluate.ts'
import {
  answer,
  goal as forArgo,
  is,
  K,
  kustomization,
  NEWER,
  OLD,
  OURS,
  release,
  RELEASE,
  source,
  SOURCE,
  START,
} from '../samples.ts'
import type { FluxObject, Goal, Observation, PodState, Result, ValueFate } from '../types.ts'

const goal: Goal = { ...forArgo, provider: 'flux', targets: [K] }
let version = 0
const seen = (after: number, object: string, state: FluxObject, its = String(++version)): Observation => ({
  kind: 'flux',
  at: START + after,
  object,
  version: its,
  state,
})
const k = (after: number, change: Partial<FluxObject> = {}) => seen(after, K, { ...kustomization, ...change })
const src = (after: number, change: Partial<FluxObject> = {}) => seen(after, SOURCE, { ...source, ...change })
const hr = (after: number, change: Partial<FluxObject> = {}) =>
  seen(after, RELEASE, { ...release, ...change })
const judge = (observations: Observation[], after: number, wishes: Partial<Goal> = {}) =>
  evaluate([answer(OLD, 'older'), ...observations], { ...goal, ...wishes }, START + after)

const doing = (what: string, revision = OURS) =>
  is('Reconciling', 'True', 'Progressing', `${what} for revision main@sha1:${revision} with a timeout of 40s`)
const busy = [
  is('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress'),
  doing('Running health checks'),
]
const at = (revision: string): Partial<FluxObject> => ({ attempted: revision, applied: revision })
const failed = (reason: string, message = 'no', revision = OURS): Partial<FluxObject> => ({
  ...at(OLD),
  attempted: revision,
  conditions: [is('Ready', 'False', reason, message), doing('Building manifests', revision)],
})

const poked = (target: string, after: number): Observation => ({
  kind: 'refreshed',
  at: START + after,
  target,
  version: '0',
})

const pods = (after: number, ...all: PodState[]): Observation => ({
  kind: 'pods',
  at: START + after,
  target: K,
  pods: all,
})

describe('each rule says its result no earlier than its grace allows', () => {
  test.each<[string, Result, string, Observation[], number, Partial<Goal>]>([
    ['ready at our commit', 'live', 'healthy', [src(1000), k(2000)], 5000, {}],
    ['suspended', 'blocked', 'suspended', [src(1000), k(2000, { ...at(OLD), suspended: true })], 0, {}],
    [
      'suspended source',
      'blocked',
      'suspended',
      [k(1000, at(OLD)), src(2000, { artifact: OLD, suspended: true })],
      0,
      {},
    ],
    [
      'stalled',
      'failed',
      'stalled',
      [src(1000), k(2000, { ...at(OLD), conditions: [is('Stalled', 'True', 'InvalidCELExpression', 'x')] })],
      0,
      {},
    ],
    ['cannot be built', 'failed', 'manifest', [src(1000), k(2000, failed('BuildFailed'))], 0, {}],
    [
      'path is not there',
      'failed',
      'manifest',
      [
        src(1000),
        k(2000, { ...failed('ArtifactFailed', 'kustomization path not found: stat'), attempted: OLD }),
      ],
      0,
      {},
    ],
    [
      'artifact cannot be fetched',
      'failed',
      'manifest',
      [src(1000), k(2000, { ...failed('ArtifactFailed', 'connection refused'), attempted: OLD })],
      30_000,
      {},
    ],
    [
      'refused by the cluster',
      'failed',
      'sync-retrying',
      [src(1000), k(2000, failed('ReconciliationFailed'))],
      0,
      { onRetry: 'fail' },
    ],
    [
      'a dependency is not ready',
      'blocked',
      'dependency-not-ready',
      [
        src(1000),
        k(2000, { ...failed('DependencyNotReady'), dependsOn: ['Kustomization/flux-system/infra'] }),
      ],
      30_000,
      {},
    ],
    [
      'source cannot be fetched',
      'failed',
      'source-failed',
      [
        k(1000, at(OLD)),
        src(2000, { artifact: OLD, conditions: [is('FetchFailed', 'True', 'GitOperationFailed', 'x')] }),
      ],
      60_000,
      {},
    ],
    [
      'source stalled',
      'failed',
      'source-stalled',
      [
        k(1000, at(OLD)),
        src(2000, { artifact: OLD, conditions: [is('Stalled', 'True', 'URLInvalid', 'x')] }),
      ],
      0,
      {},
    ],
    [
      'commit without a trusted signature',
      'failed',
      'source-unverified',
      [
        k(1000, at(OLD)),
        src(2000, {
          artifact: OLD,
          conditions: [is('SourceVerified', 'False', 'InvalidCommitSignature', 'x')],
        }),
      ],
      0,
      {},
    ],
    ['no source', 'failed', 'source-missing', [k(2000, at(OLD))], 120_000, {}],
    [
      'no Kustomization',
      'failed',
      'kustomization-missing',
      [{ kind: 'absent', at: START + 2000, target: K, cause: 'not-found' }],
      120_000,
      {},
    ],
    [
      'release gave up',
      'failed',
      'release-failed',
      [
        src(0),
        k(1000),
        hr(2000, {
          conditions: [
            is('Ready', 'False', 'RollbackSucceeded', 'x'),
            is('Stalled', 'True', 'RetriesExceeded', 'x'),
          ],
        }),
      ],
      0,
      {},
    ],
    [
      'release gave up, seen before ours was applied',
      'failed',
      'release-failed',
      [src(0), hr(1000, { conditions: [is('Stalled', 'True', 'RetriesExceeded', 'x')] }), k(2000)],
      2000,
      {},
    ],
    [
      'upgrade failed',
      'failed',
      'sync-retrying',
      [src(0), k(1000), hr(2000, { conditions: [is('Released', 'False', 'UpgradeFailed', 'x')] })],
      0,
      { onRetry: 'fail' },
    ],
    [
      'release suspended',
      'blocked',
      'suspended',
      [src(0), k(1000), hr(2000, { suspended: true, generation: 2 })],
      0,
      {},
    ],
  ])('%s: %s', (_, result, code, observations, grace, wishes) => {
    if (grace > 0) expect(judge(observations, 2000 + grace - 1, wishes).result).toBe('waiting')
    expect(judge(observations, 2000 + grace, wishes)).toMatchObject({ result, reason: { code } })
  })
})

describe('what is not ours is not taken for ours', () => {
  const old = src(1000, { artifact: OLD })
  test.each<[string, string, Observation[]]>([
    ['everything ready at the earlier commit', 'not-seen', [old, k(2000, at(OLD))]],
    ['the source is there, its Kustomization has not begun', 'not-picked-up', [src(1000), k(2000, at(OLD))]],
    [
      'Ready is written before the revision',
      'syncing',
      [src(1000), k(2000, { attempted: OURS, applied: OLD })],
    ],
    [
      'the revision is there, and its spec has changed',
      'progressing',
      [src(1000), k(2000, { generation: 2 })],
    ],
    [
      'its new spec is not taken up',
      'progressing',
      [src(1000), k(2000, { generation: 2, conditions: [is('Ready', 'True', '', '', 2)] })],
    ],
    [
      'it works on a newer commit, of which the source has not told yet',
      'progressing',
      [
        src(1000),
        k(2000, { attempted: NEWER, conditions: [is('Ready', 'Unknown'), doing('Applying', NEWER)] }),
        answer(NEWER, 'newer', 'kept'),
      ],
    ],
    [
      'a release whose new spec is not taken up',
      'progressing',
      [src(1000), k(2000), hr(2000, { observedGeneration: 0 })],
    ],
    [
      'being built',
      'syncing',
      [src(1000), k(2000, { ...at(OLD), conditions: [is('Ready', 'Unknown'), doing('Building manifests')] })],
    ],
    [
      'being checked',
      'progressing',
      [src(1000), k(2000, { attempted: OURS, applied: OLD, conditions: busy })],
    ],
    [
      'an earlier failure, before ours is tried',
      'not-picked-up',
      [
        src(1000),
        k(2000, {
          ...failed('BuildFailed'),
          ...at(OLD),
          conditions: [is('Ready', 'False', 'BuildFailed', 'x')],
        }),
      ],
    ],
    [
      'the source is a step further',
      'newer-coming',
      [src(1000, { artifact: NEWER }), k(2000), answer(NEWER, 'newer', 'reverted')],
    ],
    ['a release that has not begun', 'progressing', [src(1000), k(2000), hr(2000, { generation: 2 })]],
    [
      'a release that still works',
      'progressing',
      [src(1000), k(2000), hr(2000, { conditions: [is('Ready', 'True'), is('Reconciling', 'True')] })],
    ],
    [
      'a release that went back',
      'progressing',
      [src(1000), k(2000), hr(2000, { release: { status: 'deployed', action: 'rollback' } })],
    ],
  ])('%s', (_, code, observations) => {
    expect(judge(observations, 60_000)).toMatchObject({ result: 'waiting', reason: { code } })
  })
})

test('the reconciliation after the first takes nothing back', () => {
  const again = [
    src(1000),
    k(2000),
    k(3000, { conditions: [is('Ready', 'Unknown'), doing('Fetching manifests')] }),
  ]
  expect(judge(again, 6999).result).toBe('waiting')
  expect(judge(again, 7000)).toMatchObject({ result: 'live', revision: OURS })
})

test('suspended after ours was applied changes nothing', () => {
  expect(judge([src(1000), k(2000, { suspended: true })], 7000).result).toBe('live')
})

test('deleted while we waited is missing again', () => {
  const gone: Observation = { kind: 'absent', at: START + 4000, target: K, cause: 'deleted' }
  expect(judge([src(1000), k(2000), gone], 9000)).toMatchObject({
    result: 'waiting',
    reason: { code: 'kustomization-missing' },
  })
})

test('a failure of 6 ms is seen, and stays in the timeout', () => {
  const blink = [
    src(1000),
    k(2000, failed('HealthCheckFailed', 'timeout waiting for Deployment/web')),
    k(2006, { ...at(OLD), attempted: OURS, conditions: busy }),
  ]
  expect(judge(blink, 3000, { onRetry: 'fail' })).toMatchObject({
    result: 'failed',
    reason: { code: 'sync-retrying' },
  })
  expect(judge(blink, 600_000).reason.sentence).toContain('timeout waiting for Deployment/web')
})

test('a dependency is followed to the one that is to blame', () => {
  const [infra, base] = ['Kustomization/flux-system/infra', 'Kustomization/flux-system/base']
  const waits = { conditions: [is('Ready', 'False', 'DependencyNotReady', 'dependency is not ready')] }
  const chain = [
    src(1000),
    k(1000, { ...at(OLD), ...waits, dependsOn: [infra] }),
    seen(1000, infra, { ...kustomization, ...waits, dependsOn: [base, K] }),
    seen(1000, base, {
      ...kustomization,
      conditions: [is('Ready', 'False', 'ArtifactFailed', 'path not found')],
    }),
  ]
  expect(judge(chain, 31_000)).toMatchObject({
    result: 'blocked',
    reason: {
      sentence: expect.stringContaining(`${base}, which is not ready: ArtifactFailed: path not found`),
    },
  })
  const other = 'Kustomization/flux-system/other'
  const second = [
    ...chain,
    seen(500, other, kustomization),
    k(1500, { ...at(OLD), ...waits, dependsOn: [other, infra] }),
  ]
  expect(judge(second, 31_500).reason.sentence).toContain(`${base}, which is not ready`)
  const gone = chain.slice(0, 3)
  expect(judge(gone, 31_000).reason.sentence).toContain(`${base}, which does not exist`)
})

describe('a newer commit that contains ours', () => {
  test.each<[ValueFate, string]>([
    ['kept', 'superseded'],
    ['changed', 'superseded'],
    ['reverted', 'reverted'],
    ['unreadable', 'waiting'],
  ])('%s: %s', (value, result) => {
    const moved = [src(1000, { artifact: NEWER }), k(2000, at(NEWER)), answer(NEWER, 'newer', value)]
    expect(judge(moved, 7000)).toMatchObject({ result, revision: NEWER })
  })

  test('that cannot be built leaves ours live', () => {
    const broken = [
      answer(NEWER, 'newer', 'kept'),
      src(1000),
      k(2000),
      src(3000, { artifact: NEWER }),
      k(4000, { ...failed('BuildFailed', 'no', NEWER), applied: OURS }),
    ]
    expect(judge(broken, 9000)).toMatchObject({ result: 'live', revision: OURS })
  })
})

test('a branch that goes back takes ours with it', () => {
  const back = [
    src(1000),
    k(2000, { attempted: OURS, applied: OLD, conditions: busy }),
    src(4000, { artifact: OLD }),
    k(4500, at(OLD)),
  ]
  expect(judge(back, 33_999).result).toBe('waiting')
  expect(judge(back, 34_000)).toMatchObject({ result: 'reverted', reason: { code: 'rolled-back' } })
})

describe('a source that will not come to our commit', () => {
  const refreshed: Observation = { kind: 'refreshed', at: START + 1500, target: SOURCE, version: '0' }
  test.each<[string, string, FluxObject['ref'], number]>([
    ['a tag', 'tracks-other-ref', { branch: '', fixed: 'v1' }, 30_000],
    ['a commit', 'tracks-other-ref', { branch: '', fixed: OLD }, 0],
  ])('%s', (_, code, ref, grace) => {
    const fixed = [k(1000, at(OLD)), src(2000, { artifact: OLD, ref })]
    expect(judge(fixed, 60_000).result).toBe('waiting')
    expect(judge([...fixed, refreshed], 2000 + grace)).toMatchObject({ result: 'failed', reason: { code } })
  })

  test('another history', () => {
    const other = [k(1000, at(OLD)), src(2000, { artifact: NEWER }), answer(NEWER, 'diverged'), refreshed]
    expect(judge(other, 31_999).result).toBe('waiting')
    expect(judge(other, 32_000)).toMatchObject({ result: 'failed', reason: { code: 'diverged' } })
  })
})

describe('who is asked to look again', () => {
  test.each<[string, Observation[], number, string[]]>([
    ['the source first', [src(0, { artifact: OLD }), k(0, at(OLD))], 1000, [SOURCE]],
    ['not twice', [src(0, { artifact: OLD }), k(0, at(OLD)), poked(SOURCE, 500)], 1000, []],
    [
      'the Kustomization is not, while it may begin by itself',
      [src(1000), k(0, at(OLD)), poked(SOURCE, 500)],
      2000,
      [],
    ],
    ['and is, when it does not', [src(1000), k(0, at(OLD)), poked(SOURCE, 500)], 12_000, [K]],
  ])('%s', (_, observations, now, asked) => {
    const { questions } = judge(observations, now)
    expect(questions.flatMap(one => (one.ask === 'refresh' ? [one.target] : []))).toEqual(asked)
  })

  test('and we wake up for it', () => {
    expect(judge([src(1000), k(0, at(OLD)), poked(SOURCE, 500)], 2000).deadline).toBe(START + 11_000)
  })
})

describe('pods', () => {
  const pod: PodState = {
    uid: 'u',
    name: 'shop/web-1',
    version: '1',
    workload: 'Deployment/shop/web',
    current: true,
    leaving: false,
    reason: 'CrashLoopBackOff',
    message: 'back-off',
    restarts: 5,
    images: ['reg.example/shop@sha256:' + 'a'.repeat(64)],
  }
  const checking = { attempted: OURS, applied: OLD, conditions: busy }
  const proof = {
    images: [{ repository: 'reg.example/shop', digest: `sha256:${'b'.repeat(64)}` }],
    digests: [],
    required: true,
  }

  test('that failed before ours was applied get the whole grace from then on', () => {
    const looping = [src(0), pods(0, pod), k(2000, checking)]
    expect(judge(looping, 31_999).result).toBe('waiting')
    expect(judge(looping, 32_000)).toMatchObject({ result: 'failed', reason: { code: 'crash-loop' } })
  })

  test('count while the check of ours has failed', () => {
    const failing = [src(0), k(2000, failed('HealthCheckFailed')), pods(3000, pod)]
    expect(judge(failing, 33_000)).toMatchObject({ result: 'failed', reason: { code: 'crash-loop' } })
  })

  test('of an earlier digest do not count, and neither do those before ours is applied', () => {
    expect(judge([src(0), pods(0, pod), k(2000, checking)], 60_000, { proof }).result).toBe('waiting')
    expect(judge([src(0), pods(0, pod), k(2000, at(OLD))], 60_000).result).toBe('waiting')
  })
})
