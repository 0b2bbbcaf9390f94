import { describe, expect, test } from '@jest/globals'
import { gitServer } from '../git/git-server.ts'
import type { GitServer } from '../git/git-server.ts'
import { registry } from '../registry/registry.ts'
import type { Application } from './application.ts'
import { label, standInController } from './stand-in-controller.ts'
import type { StandInController, StandInControllerOptions } from './stand-in-controller.ts'
import type { Scenario } from './stories.ts'

const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: ${image}
`
const kustomization = (tag: string) => `resources:
  - ../../base
images:
  - name: shop/web
    newName: reg.test/shop/web
    newTag: ${tag}
`
const files = {
  'base/kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n',
  'base/deployment.yaml': deployment('shop/web'),
  'base/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n',
  'envs/prod/kustomization.yaml': kustomization('v1'),
}

async function world(options: Partial<StandInControllerOptions> = {}) {
  const git = await gitServer()
  const first = await git.createRepository('acme/config', files)
  const controller = await standInController({
    applications: [{ name: 'shop', repoURL: git.url('acme/config'), path: 'envs/prod', namespace: 'prod' }],
    interval: 0,
    pace: 0.01,
    ...options,
  })
  const bump = (tag: string) =>
    git.commit('acme/config', 'main', { 'envs/prod/kustomization.yaml': kustomization(tag) }, `deploy ${tag}`)
  return {
    git,
    controller,
    first,
    bump,
    async [Symbol.asyncDispose]() {
      await controller[Symbol.asyncDispose]()
      await git[Symbol.asyncDispose]()
    },
  }
}

interface Event {
  result: { type: string; application: Application }
}

/** Applications of the stream, in the order they come. */
async function* follow({ url }: StandInController, query = '', accept = 'text/event-stream') {
  const answer = await fetch(`${url}/api/v1/stream/applications${query}`, { headers: { accept } })
  let rest = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (accept === 'text/event-stream' && !line.startsWith('data: ')) continue
      const event: Event = JSON.parse(line.replace(/^data: /, ''))
      yield event.result
    }
  }
}

const refresh = async ({ url }: StandInController, name = 'shop') => {
  const application: Application = JSON.parse(
    await (await fetch(`${url}/api/v1/applications/${name}?refresh=normal`)).text(),
  )
  return application
}

function stateOf({ status, operation }: Application, revisions: Record<string, string>) {
  const short = (revision = '') => revisions[revision] ?? revision
  const state = status.operationState
  return [
    `${status.sync.status} ${short(status.sync.revision)} ${status.health.status}`,
    `${operation === undefined ? '' : 'requested '}${state?.phase ?? '–'} ${short(state?.syncResult?.revision)}`.trim(),
  ].join(' | ')
}

/** Distinct states from a refresh until `end`. */
async function course(
  controller: StandInController,
  revisions: Record<string, string>,
  end: (state: string) => boolean,
) {
  const states: string[] = []
  for await (const { application } of follow(controller)) {
    if (states.length === 0) refresh(controller).catch(() => {})
    const state = stateOf(application, revisions)
    if (state !== states.at(-1)) states.push(state)
    if (end(state)) return states
  }
  return states
}

const live = 'Synced new Healthy | Succeeded new'
const applied = [
  'Synced old Healthy | Succeeded old',
  'Synced old Healthy | requested –',
  'Synced old Healthy | requested Running',
  'OutOfSync new Healthy | requested Running',
  'OutOfSync new Healthy | Succeeded new',
  'Synced new Progressing | Succeeded new',
]

test('a good deploy passes the states of a recorded one, in their order', async () => {
  await using here = await world()
  const { controller, first, bump } = here
  const second = await bump('v2')
  expect(await course(controller, { [first]: 'old', [second]: 'new' }, state => state === live)).toEqual([
    ...applied,
    live,
  ])
  const { status, metadata } = controller.application('shop')
  expect(status.history.map(({ revision, id }) => [revision, id])).toEqual([
    [first, 0],
    [second, 1],
  ])
  expect(status.operationState?.syncResult?.resources).toMatchObject([
    { kind: 'Deployment', namespace: 'prod', status: 'Synced', images: ['reg.test/shop/web:v2'] },
    { kind: 'Service', status: 'Synced' },
  ])
  expect(status.reconciledAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  expect(metadata.annotations).toEqual({ 'argocd.argoproj.io/hydrate': 'normal' })
})

describe('scenarios', () => {
  const rollout = 'Synced new Progressing | Succeeded new'
  test.each<{ scenario: Scenario; states: string[] }>([
    { scenario: 'degraded', states: [...applied, 'Synced new Degraded | Succeeded new'] },
    { scenario: 'suspended', states: [...applied, 'Synced new Suspended | Succeeded new'] },
    { scenario: 'crash-loop', states: [...applied, live, rollout, live, rollout] },
    {
      scenario: 'sync-failed',
      states: [
        ...applied.slice(0, 4),
        'OutOfSync new Healthy | requested Running new',
        'OutOfSync new Healthy | Failed new',
      ],
    },
  ])('$scenario', async ({ scenario, states }) => {
    await using here = await world({ scenario })
    const revisions = { [here.first]: 'old', [await here.bump('v2')]: 'new' }
    let left = states.length
    let last = ''
    const seen = await course(
      here.controller,
      revisions,
      state => (state === last ? left : --left, (last = state), left === 0),
    )
    expect(seen).toEqual(states)
  })

  test('sync-failed between attempts: Running with an end, a count, and the cause', async () => {
    await using here = await world({ scenario: 'sync-failed' })
    await here.bump('v2')
    void refresh(here.controller)
    for await (const { application } of follow(here.controller)) {
      const state = application.status.operationState
      if (state?.finishedAt === undefined || state.phase !== 'Running') continue
      expect(state).toMatchObject({
        retryCount: 1,
        message: expect.stringMatching(/Retrying attempt #1 at \d+:\d\d[AP]M\.$/),
      })
      expect(state.syncResult?.resources).toContainEqual(
        expect.objectContaining({ status: 'SyncFailed', kind: 'Deployment' }),
      )
      break
    }
  })

  test('stale-green: a refresh looks green at the old revision, a later one sees the commit', async () => {
    let now = Date.now()
    const clock = {
      now: () => now,
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        now += milliseconds
        await new Promise(setImmediate)
        signal?.throwIfAborted()
      },
    }
    await using here = await world({ scenario: 'stale-green', staleFor: 1000, clock })
    const second = await here.bump('v2')
    expect((await refresh(here.controller)).status).toMatchObject({
      sync: { status: 'Synced', revision: here.first },
    })
    now += 1000
    expect((await refresh(here.controller)).status.sync.revision).toBe(second)
  })

  test('never: applied, and Progressing for ever', async () => {
    await using here = await world({ scenario: 'never' })
    const revisions = { [here.first]: 'old', [await here.bump('v2')]: 'new' }
    await course(here.controller, revisions, state => state === applied.at(-1))
    expect(stateOf(await refresh(here.controller), revisions)).toBe(applied.at(-1))
  })

  test('a newer deploy ends the rollout of the one before', async () => {
    await using here = await world({
      pace: 0.001,
      scenario: (_, { images }) => (images[0]?.endsWith(':bad') ? 'crash-loop' : 'healthy'),
    })
    const bad = { [here.first]: 'old', [await here.bump('bad')]: 'new' }
    await course(here.controller, bad, state => state === live)
    const good = { [await here.bump('v3')]: 'new' }
    await course(here.controller, good, state => state === live)
    for (let look = 0; look < 5; look++) expect(stateOf(await refresh(here.controller), good)).toBe(live)
  })

  test('by what is wanted: one tag fails, the fix after it goes live', async () => {
    await using here = await world({
      scenario: (_, { images }) => (images[0]?.endsWith(':bad') ? 'degraded' : 'healthy'),
    })
    const bad = { [here.first]: 'old', [await here.bump('bad')]: 'new' }
    await course(here.controller, bad, state => state.includes('Degraded'))
    const good = { [await here.bump('v3')]: 'new' }
    expect((await course(here.controller, good, state => state === live)).at(-1)).toBe(live)
  })
})

test('an image that the registry lacks ends Degraded, and its pods say why', async () => {
  await using images = await registry()
  await using here = await world({ registry: images.url })
  const { git, controller, first } = here
  const wanted = { 'base/deployment.yaml': deployment(`${images.host}/shop:v2`) }
  const revisions = {
    [first]: 'old',
    [await git.commit('acme/config', 'main', wanted, 'other image')]: 'new',
  }
  await course(controller, revisions, state => state.includes('Degraded'))
  expect(
    await (await fetch(`${controller.url}/api/v1/applications/shop/resource-tree`)).json(),
  ).toMatchObject({
    nodes: expect.arrayContaining([
      expect.objectContaining({
        kind: 'Pod',
        health: { status: 'Degraded', message: expect.stringContaining('not found') },
      }),
    ]),
  })
})

test('a commit that changes nothing for the application is compared, and not applied', async () => {
  await using here = await world()
  const other = await here.git.commit('acme/config', 'main', { 'README.md': 'x' }, 'words')
  const { status } = await refresh(here.controller)
  expect([status.sync.status, status.sync.revision, status.operationState?.syncResult?.revision]).toEqual([
    'Synced',
    other,
    here.first,
  ])
})

test('without automation the commit is seen, and waits for a sync by hand', async () => {
  await using here = await world()
  await here.controller.add({
    name: 'manual',
    repoURL: here.git.url('acme/config'),
    path: 'envs/prod',
    automated: false,
  })
  const second = await here.bump('v2')
  expect((await refresh(here.controller, 'manual')).status.sync).toMatchObject({
    status: 'OutOfSync',
    revision: second,
  })
  const answer = await fetch(`${here.controller.url}/api/v1/applications/manual/sync`, {
    method: 'POST',
    body: '{}',
  })
  expect(answer.status).toBe(200)
  for await (const { application } of follow(here.controller, '?name=manual'))
    if (stateOf(application, { [second]: 'new' }) === live) break
  expect(here.controller.application('manual').status.operationState?.operation.initiatedBy).toEqual({
    username: 'stand-in-user',
  })
})

describe('what cannot be compared is a ComparisonError at the name of the branch, until it is mended', () => {
  test.each<[string, (git: GitServer) => unknown, RegExp]>([
    [
      'broken YAML',
      git => git.commit('acme/config', 'main', { 'base/service.yaml': 'a: [1' }, 'oops'),
      /Failed to unmarshal "base\/service.yaml"/,
    ],
    ['git is down', git => git.fail({ match: 'info/refs', kind: 'status', times: 1 }), /failed to list refs/],
  ])('%s', async (_, breakIt, message) => {
    await using here = await world()
    await breakIt(here.git)
    const broken = await refresh(here.controller)
    expect(broken.status.sync).toMatchObject({ status: 'Unknown', revision: 'main' })
    expect(broken.status.conditions).toMatchObject([
      { type: 'ComparisonError', message: expect.stringMatching(message) },
    ])
    await here.git.commit('acme/config', 'main', files, 'mend')
    expect((await refresh(here.controller)).status).not.toHaveProperty('conditions')
  })
})

test('polling finds a commit without a refresh', async () => {
  await using here = await world({ interval: 5 })
  const second = await here.bump('v2')
  for await (const { application } of follow(here.controller))
    if (stateOf(application, { [second]: 'new' }) === live) break
  expect(here.controller.requests.filter(({ path }) => path.includes('refresh'))).toEqual([])
})

const get = async ({ url }: StandInController, path: string, init?: RequestInit) => {
  const answer = await fetch(url + path, init)
  const text = await answer.text()
  const body: Record<string, unknown> = JSON.parse(text)
  return { status: answer.status, body }
}

describe('the API', () => {
  test('asks for a token, and gives one for a name and password', async () => {
    await using here = await world({ token: 'api-token', username: 'ci', password: 'pass' })
    const session = (password: string) =>
      get(here.controller, '/api/v1/session', {
        method: 'POST',
        body: JSON.stringify({ username: 'ci', password }),
      })
    const list = (token: string) =>
      get(here.controller, '/api/v1/applications', { headers: { authorization: `Bearer ${token}` } })
    expect(await get(here.controller, '/api/v1/applications')).toMatchObject({
      status: 401,
      body: { code: 16 },
    })
    expect(await session('wrong')).toMatchObject({ status: 401 })
    const { token } = (await session('pass')).body
    for (const known of ['api-token', String(token)]) expect((await list(known)).status).toBe(200)
    expect((await get(here.controller, '/api/version')).status).toBe(200)
  })

  test.each([
    [
      '/api/v1/applications?fields=items.metadata.name,items.spec.source.path',
      { items: [{ metadata: { name: 'shop' }, spec: { source: { path: 'envs/prod' } } }] },
    ],
    ['/api/v1/applications?projects=other&fields=items.metadata.name', { items: null }],
    ['/api/v1/applications?selector=team%3Dshop&fields=items.metadata.name', { items: null }],
    [
      '/api/v1/applications/shop?project=default&fields=-status',
      { metadata: { name: 'shop', namespace: 'argocd' } },
    ],
    ['/api/v1/applications/none', { code: 7, message: 'permission denied' }],
    [
      '/api/v1/applications/none?project=default',
      { code: 5, message: 'applications.argoproj.io "none" not found' },
    ],
    ['/api/v1/account/can-i/applications/get/default/none', { value: 'yes' }],
    ['/api/v1/applications/shop/syncwindows', { canSync: true }],
  ])('%s', async (path, body) => {
    await using here = await world()
    expect((await get(here.controller, path)).body).toMatchObject(body)
  })

  test('streams lines or server-sent events, with the asked fields, and tells of a removed application', async () => {
    await using here = await world()
    for (const accept of ['application/json', 'text/event-stream']) {
      const stream = follow(
        here.controller,
        '?name=shop&fields=result.type,result.application.metadata.name',
        accept,
      )
      expect((await stream.next()).value).toEqual({
        type: 'ADDED',
        application: { metadata: { name: 'shop' } },
      })
      await stream.return()
    }
    const stream = follow(here.controller)
    await stream.next()
    here.controller.remove('shop')
    expect((await stream.next()).value).toMatchObject({ type: 'DELETED' })
    await stream.return()
  })

  test('every printed line says what speaks', async () => {
    const lines: string[] = []
    await using here = await world({ log: line => lines.push(line) })
    await here.bump('v2')
    await refresh(here.controller)
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.filter(line => !line.startsWith(label))).toEqual([])
  })
})
