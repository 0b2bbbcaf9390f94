// Pods as the Kubernetes API gives them: which are of the newest template, and what they say.
import { describe, expect, test } from '@jest/globals'
import type { Fields } from '../fields.ts'
import { readPods } from './read.ts'

const owned = (uid: string) => ({ ownerReferences: [{ uid, controller: true }] })
const pod = (
  name: string,
  owner: string,
  rest: { labels?: Fields; status?: Fields; metadata?: Fields } = {},
): Fields => ({
  kind: 'Pod',
  metadata: {
    uid: name,
    name,
    namespace: 'shop',
    resourceVersion: '7',
    labels: rest.labels,
    ...(owner ? owned(owner) : {}),
    ...rest.metadata,
  },
  spec: { containers: [{ name: 'web', image: 'reg.example/web:1' }] },
  status: { phase: 'Running', ...rest.status },
})
const workload = (kind: string, rest: { metadata?: Fields; status?: Fields } = {}): Fields => ({
  kind,
  metadata: { uid: kind, name: 'web', namespace: 'shop', generation: 3, ...rest.metadata },
  status: { observedGeneration: 3, ...rest.status },
})
const revision = (number: string): Fields => ({
  annotations: { 'deployment.kubernetes.io/revision': number },
})
const replicaSet = (number: string): Fields => ({
  kind: 'ReplicaSet',
  metadata: {
    uid: `rs${number}`,
    name: `web-${number}`,
    namespace: 'shop',
    ...revision(number),
    ...owned('Deployment'),
  },
})
const current = (...manifests: Fields[]) =>
  readPods(manifests, () => true)
    .filter(({ state }) => state.current)
    .map(({ state }) => state.name)
const hash = (name: string, value: string): { labels: Fields } => ({ labels: { [name]: value } })

describe('a pod is current', () => {
  const [old, fresh] = [pod('old', 'rs1'), pod('new', 'rs2')]
  test.each<[string, Fields[], string[]]>([
    [
      'of a Deployment, in its newest ReplicaSet',
      [workload('Deployment', { metadata: revision('2') }), replicaSet('1'), replicaSet('2'), old, fresh],
      ['shop/new'],
    ],
    [
      'but not while the Deployment has not taken up its template',
      [
        workload('Deployment', { metadata: revision('2'), status: { observedGeneration: 2 } }),
        replicaSet('2'),
        fresh,
      ],
      [],
    ],
    [
      'of a StatefulSet, at its update revision',
      [
        workload('StatefulSet', { status: { updateRevision: 'b' } }),
        pod('old', 'StatefulSet', hash('controller-revision-hash', 'a')),
        pod('new', 'StatefulSet', hash('controller-revision-hash', 'b')),
      ],
      ['shop/new'],
    ],
    [
      'but not of one that has not taken it up',
      [
        workload('StatefulSet', { status: { updateRevision: 'b', observedGeneration: 2 } }),
        pod('new', 'StatefulSet', hash('controller-revision-hash', 'b')),
      ],
      [],
    ],
    [
      'of a DaemonSet, at its newest ControllerRevision',
      [
        workload('DaemonSet'),
        {
          kind: 'ControllerRevision',
          revision: 1,
          metadata: { uid: 'c1', labels: { 'controller-revision-hash': 'a' }, ...owned('DaemonSet') },
        },
        {
          kind: 'ControllerRevision',
          revision: 2,
          metadata: { uid: 'c2', labels: { 'controller-revision-hash': 'b' }, ...owned('DaemonSet') },
        },
        pod('old', 'DaemonSet', hash('controller-revision-hash', 'a')),
        pod('new', 'DaemonSet', hash('controller-revision-hash', 'b')),
      ],
      ['shop/new'],
    ],
    [
      'of a Rollout, at its current hash',
      [
        workload('Rollout', { status: { currentPodHash: 'b' } }),
        pod('old', 'Rollout', hash('rollouts-pod-template-hash', 'a')),
        pod('new', 'Rollout', hash('rollouts-pod-template-hash', 'b')),
      ],
      ['shop/new'],
    ],
    ['alone', [pod('lone', '')], ['shop/lone']],
    ['of a Job never: the Job is not looked at', [pod('task', 'job-uid')], []],
  ])('%s', (_, manifests, names) => expect(current(...manifests)).toEqual(names))
})

test('only the pods of workloads that count are told', () => {
  const manifests = [workload('StatefulSet'), pod('one', 'StatefulSet'), pod('lone', '')]
  expect(
    readPods(manifests, ({ kind }) => kind === 'StatefulSet').map(({ state }) => state.workload),
  ).toEqual(['StatefulSet/shop/web'])
})

const waiting = (reason: string, message: string, rest: Fields = {}): Fields => ({
  containerStatuses: [{ name: 'web', restartCount: 3, state: { waiting: { reason, message } }, ...rest }],
})
const ended = { terminated: { reason: 'OOMKilled', exitCode: 137 } }

describe('what a pod says', () => {
  test.each<[string, Fields, string, string]>([
    ['running', { containerStatuses: [{ restartCount: 0, state: { running: {} } }] }, 'Running', ''],
    ['on its way', { phase: 'Pending', ...waiting('ContainerCreating', '') }, 'Pending', ''],
    ['cannot be pulled', waiting('ErrImagePull', 'not found'), 'ErrImagePull', 'not found'],
    [
      'crashes',
      waiting('CrashLoopBackOff', 'back-off', { lastState: ended }),
      'CrashLoopBackOff',
      'back-off; it ended with OOMKilled, exit code 137',
    ],
    [
      'has just crashed',
      { containerStatuses: [{ restartCount: 1, state: ended }] },
      'OOMKilled',
      'OOMKilled, exit code 137',
    ],
    [
      'an init container fails',
      {
        initContainerStatuses: [
          { restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff', message: 'x' } } },
        ],
      },
      'CrashLoopBackOff',
      'x',
    ],
    [
      'an init container is done',
      {
        initContainerStatuses: [
          { restartCount: 0, state: { terminated: { reason: 'Completed', exitCode: 0 } } },
        ],
      },
      'Running',
      '',
    ],
    [
      'has no node',
      {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
        ],
      },
      'Unschedulable',
      '0/3 nodes',
    ],
    ['was evicted', { phase: 'Failed', reason: 'Evicted', message: 'disk' }, 'Evicted', 'disk'],
  ])('%s', (_, status, reason, message) => {
    const [read] = readPods([pod('web-1', '', { status })], () => true)
    expect(read?.state).toMatchObject({ reason, message, leaving: false, images: ['reg.example/web:1'] })
  })

  test('being deleted', () => {
    const [read] = readPods(
      [pod('web-1', '', { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } })],
      () => true,
    )
    expect(read?.state.leaving).toBe(true)
  })
})
