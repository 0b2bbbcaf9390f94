// What pods say by themselves, and whether they run what was pushed.
import { describe, expect, test } from '@jest/globals'
import { evaluate } from '../evaluate.ts'
import { goal, live, NEWER, OURS, START, answer } from '../samples.ts'
import type { ApplicationState, Goal, Observation, PodState, Proof } from '../types.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const [A, B, INDEX] = [digest('a'), digest('b'), digest('c')]
const repository = 'reg.example/shop/web'
const proof: Proof = { images: [{ repository, digest: A }], digests: [], required: true }

const pod = (name: string, more: Partial<PodState> = {}): PodState => ({
  uid: name,
  name: `shop/${name}`,
  version: '10',
  workload: 'Deployment/shop/web',
  current: true,
  leaving: false,
  reason: 'Running',
  message: '',
  restarts: 0,
  ...more,
})

const at = (seconds: number) => START + seconds * 1000
const application = (seconds: number, state: ApplicationState = live, version = '1'): Observation => ({
  kind: 'application',
  at: at(seconds),
  target: 'shop',
  version,
  state,
})
const refreshed: Observation = { kind: 'refreshed', at: at(1), target: 'shop', version: '1' }
const pods = (seconds: number, ...list: PodState[]): Observation => ({
  kind: 'pods',
  at: at(seconds),
  target: 'shop',
  pods: list,
})
const runs = (
  uid: string,
  imageID: string,
  more: { seconds?: number; version?: string; phase?: string } = {},
) => {
  const { seconds = 3, version = '10', phase = 'Running' } = more
  const containers = [
    { name: 'web', image: repository, imageID },
    { name: 'sidecar', image: 'istio/proxyv2:1', imageID: `docker.io/istio/proxyv2@${B}` },
  ]
  return { kind: 'containers' as const, at: at(seconds), target: 'shop', uid, version, phase, containers }
}

const verdict = (observations: Observation[], seconds: number, wishes: Partial<Goal> = {}) =>
  evaluate([application(1), refreshed, ...observations], { ...goal, ...wishes }, at(seconds))

describe('a pod of the newest revision that fails decides when it has lasted', () => {
  const refusedPull = 'rpc error: code = NotFound desc = … not found'
  test.each<[string, Partial<PodState>, string, number]>([
    ['a name that is none', { reason: 'InvalidImageName' }, 'bad-image-name', 0],
    ['an image that is not there', { reason: 'ErrImagePull', message: refusedPull }, 'image-pull', 8],
    [
      'an image that is denied',
      { reason: 'ImagePullBackOff', message: 'pull access denied' },
      'image-pull',
      8,
    ],
    ['a registry that is away', { reason: 'ErrImagePull', message: 'i/o timeout' }, 'image-pull', 30],
    ['a second crash', { reason: 'CrashLoopBackOff', restarts: 2 }, 'crash-loop', 30],
    ['a missing ConfigMap', { reason: 'CreateContainerConfigError' }, 'container-error', 30],
  ])('%s', (_, change, code, seconds) => {
    const seen = [application(2, { ...live, health: { status: 'Progressing', message: '' } }, '2')]
    const failing = [...seen, pods(3, pod('new', change), pod('old', { current: false, reason: 'Running' }))]
    expect(verdict(failing, 3 + seconds - 0.1).result).toBe('waiting')
    expect(verdict(failing, 3 + seconds)).toMatchObject({ result: 'failed', reason: { code } })
    expect(verdict(failing, 3 + seconds).reason.sentence).toContain('shop/new of Deployment/shop/web')
  })

  test.each<[string, Partial<PodState>]>([
    ['of an older revision', { reason: 'ErrImagePull', message: 'not found', current: false }],
    ['that is being deleted', { reason: 'CrashLoopBackOff', restarts: 9, leaving: true }],
    ['that crashed once', { reason: 'CrashLoopBackOff', restarts: 1 }],
    ['that has not started yet', { reason: 'ContainerCreating' }],
  ])('a pod %s does not', (_, change) => {
    expect(verdict([pods(3, pod('one', change))], 300).result).toBe('live')
  })

  test('before the operation for our commit has made it, it is not ours', () => {
    const running: ApplicationState = {
      ...live,
      sync: { status: 'OutOfSync', revisions: [OURS] },
      operation: {
        phase: 'Running',
        message: '',
        revisions: [OURS],
        startedAt: at(2),
        retries: 0,
        failures: [],
      },
    }
    const broken = { reason: 'InvalidImageName' }
    const found = (createdAt: number) =>
      verdict([application(2, running, '2'), pods(3, pod('one', { ...broken, createdAt }))], 20).result
    expect(found(at(-60))).toBe('waiting')
    expect(found(at(3))).toBe('failed')
  })
})

const crash = (restarts: number) => pod('one', { reason: 'CrashLoopBackOff', restarts })

describe('what crashes and runs in turn', () => {
  test('is one loop, as long as it does not run for half a minute in between', () => {
    const loop = [
      pods(2, pod('one')),
      pods(10, crash(2)),
      pods(20, pod('one', { restarts: 2 })),
      pods(35, crash(3)),
    ]
    expect(verdict(loop, 39.9).result).toBe('waiting')
    expect(verdict(loop, 40)).toMatchObject({ result: 'failed', reason: { code: 'crash-loop' } })
    const recovered = [...loop.slice(0, 3), pods(51, crash(3))]
    expect(verdict(recovered, 60).result).toBe('waiting')
  })

  test('is live only when it has run for as long as a crash may last', () => {
    const once = [
      pods(2, pod('one')),
      application(3, { ...live, health: { status: 'Progressing', message: '' } }, '2'),
    ]
    const back = [...once, pods(4, pod('one', { restarts: 1 })), application(5, live, '3')]
    expect(verdict(back, 34.9).result).toBe('waiting')
    expect(verdict(back, 35).result).toBe('live')
  })
})

describe('the digest in the pods', () => {
  test.each<[string, Proof, string, string]>([
    ['the digest of the image', proof, `docker-pullable://${repository}@${A}`, '2/2'],
    ['a platform of it', { ...proof, digests: [INDEX, B] }, `${repository}@${B}`, '2/2'],
    ['its configuration', { ...proof, digests: [B] }, B, '2/2'],
    ['digests alone', { ...proof, images: [], digests: [A] }, `${repository}@${A}`, '2/2'],
  ])('%s is proven', (_, wanted, imageID, counts) => {
    const seen = [pods(2, pod('one'), pod('two')), runs('one', imageID), runs('two', imageID)]
    const { result, targets } = verdict(seen, 20, { proof: wanted })
    expect([result, `${targets[0]?.pods?.proven}/${targets[0]?.pods?.of}`]).toEqual(['live', counts])
  })

  test.each<[string, Proof, Observation[], string]>([
    ['another digest', proof, [runs('one', `${repository}@${B}`)], 'wrong-digest'],
    ['none yet', proof, [runs('one', '')], 'wrong-digest'],
    [
      'digests alone, and none of them',
      { ...proof, images: [], digests: [INDEX] },
      [runs('one', A)],
      'wrong-digest',
    ],
    [
      'no such image',
      { ...proof, images: [{ repository: 'reg.example/other', digest: A }] },
      [runs('one', A)],
      'image-not-found',
    ],
    [
      'no right to read',
      proof,
      [{ kind: 'unreadable', at: at(3), target: 'shop', forbidden: true, detail: 'forbidden.' }],
      'pods-unreadable',
    ],
  ])('%s is never green', (_, wanted, read, code) => {
    const seen = [pods(2, pod('one')), ...read]
    for (const seconds of [3, 8, 20, 32]) {
      expect(['waiting', 'failed']).toContain(verdict(seen, seconds, { proof: wanted }).result)
    }
    expect(verdict(seen, 60, { proof: wanted })).toMatchObject({ result: 'failed', reason: { code } })
  })

  test('pods that nobody has looked at yet are asked for, and not green', () => {
    const { result, attend, questions } = verdict([], 60, { proof })
    expect({ result, attend, questions }).toEqual({ result: 'waiting', attend: ['shop'], questions: [] })
    const asked = verdict([pods(2, pod('one'))], 60, { proof })
    expect(asked.questions).toEqual([
      { ask: 'containers', target: 'shop', pods: [{ uid: 'one', name: 'shop/one' }] },
    ])
  })

  test('a pod that changed since it was read is read again', () => {
    const seen = [
      pods(2, pod('one')),
      runs('one', `${repository}@${A}`),
      pods(4, pod('one', { version: '11' })),
    ]
    expect(verdict(seen, 60, { proof })).toMatchObject({ result: 'waiting', reason: { code: 'proving' } })
    const again = runs('one', `${repository}@${A}`, { seconds: 5, version: '11' })
    expect(verdict([...seen, again], 60, { proof }).result).toBe('live')
  })

  test('pods that are done or leaving do not count, and none at all is 0/0', () => {
    const seen = [
      pods(2, pod('done'), pod('leaving', { leaving: true }), pod('old', { current: false })),
      runs('done', `${repository}@${B}`, { phase: 'Succeeded' }),
    ]
    expect(verdict(seen, 60, { proof })).toMatchObject({
      result: 'live',
      targets: [{ pods: { proven: 0, of: 0 } }],
    })
  })

  test('what may stay unverified is live without it', () => {
    const unreadable: Observation = {
      kind: 'unreadable',
      at: at(3),
      target: 'shop',
      forbidden: true,
      detail: 'no.',
    }
    const { result, targets } = verdict([pods(2, pod('one')), unreadable], 60, {
      proof: { ...proof, required: false },
    })
    expect([result, targets[0]?.pods]).toEqual(['live', undefined])
  })

  test('an application that the commit does not touch need not run it', () => {
    const untouched: ApplicationState = {
      ...live,
      operation: { ...live.operation!, revisions: ['f'.repeat(40)] },
    }
    const seen = [application(2, untouched, '2'), pods(2, pod('one')), runs('one', `${repository}@${B}`)]
    const wishes = { proof, changedFiles: ['elsewhere/app.yaml'] }
    expect(verdict(seen, 60, wishes).result).toBe('live')
    expect(verdict(seen, 60, { ...wishes, changedFiles: ['prod/app.yaml'] }).result).toBe('failed')
  })

  test('a newer commit with another value need not run ours', () => {
    const newer: ApplicationState = { ...live, sync: { status: 'Synced', revisions: [NEWER] } }
    const seen = [application(2, newer, '2'), pods(2, pod('one')), runs('one', `${repository}@${B}`)]
    expect(verdict([...seen, answer(NEWER, 'newer', 'changed')], 60, { proof }).result).toBe('superseded')
    expect(verdict([...seen, answer(NEWER, 'newer', 'kept')], 60, { proof }).result).toBe('failed')
  })
})
