import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  findSecret,
  gitServer,
  runAction,
  standInController,
  watchArguments,
  type Fault,
  type RunActionOptions,
  type StandInControllerOptions,
} from '@gitops-relay/testing'
import { outputs } from '../../actions/wait-for-sync/src/report.ts'
import { inLane } from '../lane.ts'
import { leftInTemp } from './project.ts'

const TOKEN = 'ghs_canary/0123456789+abcdefXYZ'
const SECRET = 'argo/canary+0123456789&abcdefXYZ'
const QUICK = { 'appear-timeout': '1s', settle: '300ms', 'degraded-grace': '500ms', timeout: '20s' }
const RECORD = /^wait-for-sync-\w+$/

const manifest = (tag: string) => ({
  'envs/prod/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: registry.example/shop/web:${tag}
`,
})

/** A config repository, a controller that has deployed it, and a commit that it is still to deploy. */
async function world(options: Partial<StandInControllerOptions> = {}) {
  const git = await gitServer({ token: TOKEN })
  await git.createRepository('shop/config', manifest('1'))
  const repoURL = git.url('shop/config')
  const controller = await standInController({
    applications: [{ name: 'web-prod', repoURL, path: 'envs/prod' }],
    gitToken: TOKEN,
    token: SECRET,
    pace: 0.1,
    interval: 0,
    ...options,
  })
  const push = (tag: string) => git.commit('shop/config', 'main', manifest(tag), `deploy ${tag}`)
  const before = await git.head('shop/config', 'main')
  const commit = await push('2')
  return {
    git,
    controller,
    before,
    commit,
    push,
    wait: (inputs: Record<string, string> = {}, more: Partial<RunActionOptions> = {}) =>
      runAction({
        action: 'wait-for-sync',
        inputs: {
          commit,
          repository: 'shop/config',
          token: TOKEN,
          'argocd-server': controller.url,
          'argocd-token': SECRET,
          ...QUICK,
          ...inputs,
        },
        ...more,
        env: { GITHUB_SERVER_URL: git.origin, ...more.env },
      }),
    live: () => controller.application('web-prod').status.sync.revision === commit,
    async [Symbol.asyncDispose]() {
      await controller[Symbol.asyncDispose]()
      await git[Symbol.asyncDispose]()
    },
  }
}

test('a commit is proven live, and leaves its record alone behind', async () => {
  await using at = await world()
  await using run = await at.wait()
  expect([run.exitCode, run.outputs['result'], run.outputs['revision']]).toEqual([0, 'live', at.commit])
  expect(Object.keys(run.outputs).toSorted()).toEqual([...outputs].toSorted())
  const events = JSON.parse(run.outputs['timeline'] ?? '').map(({ event }: { event: string }) => event)
  expect(events).toEqual(['pushed', 'seen', 'synced', 'healthy'])
  expect(await leftInTemp(run)).toEqual([expect.stringMatching(RECORD)])
  await using again = await at.wait()
  expect([again.exitCode, again.outputs['result']]).toEqual([0, 'live'])
}, 60_000)

describe('what becomes of a commit has one result and one code', () => {
  test.each<{ scenario: StandInControllerOptions['scenario']; result: string; code: string }>`
    scenario           | result       | code
    ${'stale-green'}   | ${'live'}    | ${''}
    ${'sync-failed'}   | ${'failed'}  | ${'sync-[a-z]+'}
    ${'image-missing'} | ${'failed'}  | ${'image-pull'}
    ${'degraded'}      | ${'failed'}  | ${'degraded'}
    ${'crash-loop'}    | ${'failed'}  | ${'crash-loop'}
    ${'suspended'}     | ${'failed'}  | ${'suspended'}
    ${'never'}         | ${'timeout'} | ${'timeout'}
  `(
    '$scenario: $result',
    async ({ scenario, result, code }) => {
      // What is deployed at the beginning is healthy.
      await using at = await world({ interval: 300 })
      at.controller.setScenario('web-prod', scenario as never) // oxlint-disable-line no-unsafe-type-assertion -- no function here
      await using run = await at.wait({ timeout: result === 'timeout' ? '4s' : '30s', 'on-retry': 'fail' })
      expect([run.outputs['result'], run.exitCode]).toEqual([result, result === 'live' ? 0 : 1])
      if (code === '') expect(run.outputs['revision']).toBe(at.commit)
      else expect(run.outputs['reason']).toMatch(new RegExp(`^${code}: \\S.*`))
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(code === '' ? 0 : 1)
    },
    60_000,
  )

  test.each([
    ['3', 'superseded', 0],
    ['1', 'reverted', 1],
  ])('a newer commit with the value %s: %s', async (tag, result, exitCode) => {
    await using at = await world()
    const newer = await at.push(tag)
    await using run = await at.wait()
    expect([run.outputs['result'], run.outputs['revision'], run.exitCode]).toEqual([result, newer, exitCode])
  })
})

describe('what a user can mend has one error, with its remedy', () => {
  let at: Awaited<ReturnType<typeof world>>
  beforeAll(async () => {
    at = await world()
  })
  afterAll(() => at[Symbol.asyncDispose]())

  test.each<{ inputs: Record<string, string>; code: string }>`
    inputs                                        | code
    ${{ 'argocd-token': 'wrong-0123456789' }}     | ${'argocd-unauthorized'}
    ${{ 'argocd-server': 'http://127.0.0.1:1/' }} | ${'argocd-unreachable'}
    ${{ 'argocd-server': 'not a url' }}           | ${'bad-url'}
    ${{ commit: '' }}                             | ${'empty-input'}
    ${{ commit: 'main' }}                         | ${'bad-commit'}
    ${{ changes: '{}' }}                          | ${'bad-changes'}
    ${{ repository: 'shop' }}                     | ${'bad-repository'}
    ${{ repository: 'shop/other' }}               | ${'no-target'}
    ${{ 'argocd-token': '' }}                     | ${'empty-input'}
    ${{ applications: 'web-production' }}         | ${'app-missing'}
    ${{ provider: 'flux' }}                       | ${'contradiction'}
    ${{ app: 'web-prod' }}                        | ${'unknown-input'}
  `(
    '$inputs',
    async ({ inputs, code }) => {
      await using run = await at.wait(inputs)
      expect([run.exitCode, run.outputs['result']]).toEqual([1, 'failed'])
      expect(run.outputs['reason']).toMatch(new RegExp(`^${code}: \\S`))
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
      expect(at.live()).toBe(false)
    },
    60_000,
  )
})

describe('a server that stumbles changes no verdict', () => {
  const stream = '/stream/applications'
  const one = '/applications/web-prod'
  test.each<Fault>([
    { match: stream, kind: 'truncate', milliseconds: 100, times: 4 },
    { match: one, kind: 'status', status: 503, times: 2 },
    { match: one, kind: 'truncate', times: 2 },
    ...inLane<Fault[]>(
      [],
      [
        { match: stream, kind: 'reset', times: 2 },
        { match: stream, kind: 'status', status: 500, times: 2 },
        { match: one, kind: 'drop-answer', times: 2 },
        { match: one, kind: 'hang' },
        { match: one, kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      ],
    ),
  ])(
    '$kind at $match',
    async fault => {
      await using at = await world()
      at.controller.fail(fault)
      await using run = await at.wait({ applications: 'web-prod', timeout: '45s' }, { timeout: 90_000 })
      expect([run.outputs['reason'], run.outputs['result'], run.outputs['revision']]).toEqual([
        '',
        'live',
        at.commit,
      ])
      expect(at.live()).toBe(true)
    },
    120_000,
  )

  test('one that never answers is a timeout, red', async () => {
    await using at = await world()
    at.controller.fail({ match: '/api/v1/', kind: 'status', status: 500, times: 9999 })
    await using run = await at.wait({ applications: 'web-prod', timeout: '3s' })
    expect([run.exitCode, run.outputs['result']]).toEqual([1, 'timeout'])
  }, 60_000)

  test('the git server away: the applications are named, and it goes live all the same', async () => {
    await using at = await world()
    await using run = await at.wait({ applications: 'web-prod', repository: 'shop/nothing' })
    expect([run.exitCode, run.outputs['result'], run.outputs['revision']]).toEqual([0, 'live', at.commit])
  }, 60_000)
})

test('secrets are found nowhere, green or red, in the record neither', async () => {
  await using watch = await watchArguments(SECRET)
  await using watchToken = await watchArguments(TOKEN)
  // A server that sends its callers' secrets back.
  const echo = createServer((request, response) => {
    const said = `${request.headers.authorization} ${btoa(String(request.headers.authorization))}`
    response
      .writeHead(403, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: said, code: 7, message: said }))
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo // oxlint-disable-line no-unsafe-type-assertion -- it listens on TCP
  const ways: Record<string, string>[] = [
    { commit: 'f'.repeat(40), timeout: '2s' },
    { applications: 'none' },
    { 'argocd-server': `http://127.0.0.1:${port}/` },
    { 'argocd-token': '', 'argocd-username': 'ci', 'argocd-password': SECRET, timeout: '2s' },
    { commit: SECRET },
    { repository: `https://x:${TOKEN}@git.example/shop/config` },
    {},
  ]
  await using at = await world()
  for (const inputs of ways) {
    await using run = await at.wait(inputs)
    const { log, outputs: given, summary, state, env, path, annotations, directories } = run
    for (const secret of [SECRET, TOKEN]) {
      const texts = { log, given, summary, state, env, path, annotations }
      expect([inputs, await findSecret(secret, { texts, directories: [directories.root] })]).toEqual([
        inputs,
        [],
      ])
    }
    expect(run.orphans).toEqual([])
  }
  echo.close()
  expect([watch.arguments, watchToken.arguments]).toEqual([[], []])
}, 120_000)

test('cancelled at any moment, it leaves no process and no stream, and is never green by it', async () => {
  await using at = await world()
  at.controller.setScenario('web-prod', 'never')
  for (let moment = 0; moment < 20; moment++) {
    await using run = await at.wait({}, { cancelAfter: randomInt(20, 900) })
    expect(run.orphans).toEqual([])
    // Before it could listen to signals, it had not begun.
    if (run.signal === 'SIGINT') continue
    expect([run.exitCode, run.outputs['reason']]).toEqual([130, expect.stringMatching(/^cancelled: /)])
    for (const name of await leftInTemp(run)) expect(name).toMatch(RECORD)
    expect(run.cancelledFor).toBeLessThan(2500)
  }
}, 120_000)
