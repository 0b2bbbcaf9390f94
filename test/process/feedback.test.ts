import { describe, expect, test } from '@jest/globals'
import {
  findSecret,
  githubServer,
  runAction,
  secondaryRateLimit,
  standInController,
  type ActionRun,
  type Fault,
  type RunActionOptions,
  type StandInControllerOptions,
  type TokenRights,
} from '@gitops-relay/testing'
import { inLane } from '../lane.ts'

const TOKEN = 'ghs_canary_0123456789abcdefXYZ'
const SECRET = 'argo/canary+0123456789&abcdefXYZ'
const QUICK = { 'appear-timeout': '1s', settle: '300ms', 'degraded-grace': '500ms', timeout: '20s' }

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

/** A source and a config repository on one GitHub, a controller, and a run in the source repository. */
async function world({
  rights = {},
  trailers = true,
  ...options
}: { rights?: TokenRights; trailers?: boolean } & Partial<StandInControllerOptions> = {}) {
  const github = await githubServer({ tokens: { [TOKEN]: rights } })
  const built = await github.createRepository('acme/shop', { 'README.md': 'shop\n' })
  const head = await github.commit('acme/shop', 'main', { 'README.md': 'the shop\n' }, 'explain')
  await github.createRepository('acme/config', manifest('1'))
  const controller = await standInController({
    applications: [{ name: 'web-prod', repoURL: github.git.url('acme/config'), path: 'envs/prod' }],
    gitToken: TOKEN,
    token: SECRET,
    pace: 0.1,
    interval: 300,
    ...options,
  })
  const said = trailers ? `\n\nSource-Repository: acme/shop\nSource-Commit: ${built}\n` : ''
  const commit = await github.commit('acme/config', 'main', manifest('2'), `deploy 2${said}`)
  return {
    github,
    controller,
    /** The commit that was built; the run is about the one after it. */
    built,
    head,
    commit,
    wait: (inputs: Record<string, string> = {}, more: Partial<RunActionOptions> = {}) =>
      runAction({
        action: 'wait-for-sync',
        token: TOKEN,
        inputs: {
          commit,
          repository: 'acme/config',
          'argocd-server': controller.url,
          'argocd-token': SECRET,
          ...QUICK,
          ...inputs,
        },
        ...more,
        env: { ...github.environment, GITHUB_SHA: head, ...more.env },
      }),
    /** What is written: of each Deployment its place and course, of each context the course. */
    shown() {
      const statuses = github.statuses('acme/config')
      const contexts = [...new Set(statuses.map(({ context }) => context))]
      return {
        deployments: github
          .deployments('acme/shop')
          .map(({ sha, environment, statuses: course }) => [
            sha,
            environment,
            ...course.map(({ state }) => state),
          ]),
        statuses: contexts.map(name => [
          name,
          ...statuses.filter(({ context }) => context === name).map(({ state }) => state),
        ]),
      }
    },
    writes: () => github.requests.filter(({ method }) => method === 'POST').length,
    async [Symbol.asyncDispose]() {
      await controller[Symbol.asyncDispose]()
      await github[Symbol.asyncDispose]()
    },
  }
}

const levels = ({ annotations }: ActionRun) => annotations.map(({ level }) => level)

test('live: a Deployment on the commit that was built, a status on the config commit, and nothing left for later', async () => {
  await using at = await world()
  await using run = await at.wait()
  expect([run.exitCode, run.outputs['result'], levels(run)]).toEqual([0, 'live', []])
  expect(at.shown()).toEqual({
    deployments: [[at.built, 'web-prod', 'in_progress', 'success']],
    statuses: [['gitops-relay/web-prod', 'pending', 'success']],
  })
  const [deployment] = at.github.deployments('acme/shop')
  const page = `${at.github.gitOrigin}/acme/shop/actions/runs/4711/attempts/1`
  expect(deployment?.statuses.map(({ log }) => log)).toEqual([page, page])
  expect(at.github.statuses('acme/config').map(({ target, sha }) => [target, sha])).toEqual([
    [page, at.commit],
    [page, at.commit],
  ])
  const { log, summary, outputs, state, directories } = run
  const looked = { texts: { log, summary, outputs, state }, directories: [directories.root] }
  expect(await findSecret(TOKEN, looked)).toEqual([])

  const asked = at.github.requests.length
  await using post = await run.post()
  expect([post.exitCode, post.log, at.github.requests.length]).toEqual([0, '', asked])
}, 60_000)

test('a commit of somebody else: the Deployment is on what the run is about, in the environment that is named', async () => {
  await using at = await world({ trailers: false })
  await using run = await at.wait({ environment: 'Production' })
  expect([run.exitCode, levels(run)]).toEqual([0, []])
  expect(at.shown().deployments).toEqual([[at.head, 'Production', 'in_progress', 'success']])
}, 60_000)

test('not live: failure, with its cause in both places', async () => {
  await using at = await world()
  at.controller.setScenario('web-prod', 'sync-failed')
  await using run = await at.wait({ 'on-retry': 'fail' })
  expect([run.exitCode, run.outputs['result']]).toEqual([1, 'failed'])
  expect(at.shown()).toEqual({
    deployments: [[at.built, 'web-prod', 'in_progress', 'failure']],
    statuses: [['gitops-relay/web-prod', 'pending', 'failure']],
  })
  const said = [
    at.github.deployments('acme/shop')[0]?.statuses.at(-1)?.description,
    at.github.statuses('acme/config').at(-1)?.description,
  ]
  for (const text of said) {
    expect(text).toMatch(/^sync-[a-z]+: /)
    expect(text?.length).toBeLessThanOrEqual(140)
  }
}, 60_000)

describe('without the right the step stays as it is, with one notice', () => {
  test.each<{ what: string; rights: TokenRights; deployments: number; statuses: number }>`
    what                   | rights                                       | deployments | statuses
    ${'a read-only token'} | ${{ deployments: 'read', statuses: 'read' }} | ${0}        | ${0}
    ${'no Deployments'}    | ${{ deployments: 'read' }}                   | ${0}        | ${1}
    ${'no statuses'}       | ${{ statuses: 'read' }}                      | ${1}        | ${0}
  `(
    '$what',
    async ({ rights, deployments, statuses }) => {
      await using at = await world({ rights })
      await using run = await at.wait()
      expect([run.exitCode, run.outputs['result']]).toEqual([0, 'live'])
      const { message } = run.annotations[0] ?? {}
      expect(run.annotations.map(({ level }) => level)).toEqual(['notice'])
      for (const right of Object.keys(rights)) expect(message).toContain(`permission ${right}: write`)
      const shown = at.shown()
      expect([shown.deployments.length, shown.statuses.length]).toEqual([deployments, statuses])
      await using post = await run.post()
      expect(post.log).toBe('')
    },
    60_000,
  )

  test('a source repository that the token does not see', async () => {
    await using at = await world({ trailers: false })
    await using run = await at.wait({}, { env: { GITHUB_REPOSITORY: 'acme/hidden' } })
    expect([run.exitCode, levels(run)]).toEqual([0, ['notice']])
  }, 60_000)
})

test('feedback: false writes nothing and says nothing', async () => {
  await using at = await world({ rights: { deployments: 'read', statuses: 'read' } })
  await using run = await at.wait({ feedback: 'false' })
  expect([run.exitCode, levels(run), at.github.requests]).toEqual([0, [], []])
}, 60_000)

test('the token of the run goes to no API but that of its own server', async () => {
  await using at = await world()
  const elsewhere = at.github.url.replace('127.0.0.1', 'localhost')
  await using run = await at.wait({}, { env: { GITHUB_API_URL: elsewhere } })
  expect([run.exitCode, levels(run), at.github.requests]).toEqual([0, [], []])
}, 60_000)

test('a re-run goes on in the Deployment of its run; another run has its own', async () => {
  await using at = await world()
  const attempt = async (env: Record<string, string>) => {
    await using run = await at.wait({}, { env })
    expect(run.outputs['result']).toBe('live')
  }
  await attempt({})
  await attempt({ GITHUB_RUN_ATTEMPT: '2' })
  expect(at.shown().deployments).toEqual([
    [at.built, 'web-prod', 'in_progress', 'success', 'in_progress', 'success'],
  ])
  await attempt({ GITHUB_RUN_ID: '4712' })
  expect(at.shown().deployments.map(([, , ...course]) => course.at(-1))).toEqual(['inactive', 'success'])
}, 60_000)

describe('a job with an environment of its own has its Deployment updated, and no other', () => {
  test.each<{ how: string; inputs: Record<string, string> }>`
    how                           | inputs
    ${'known by its check run'}   | ${{ 'check-run-id': '77' }}
    ${'whatever the input names'} | ${{ 'check-run-id': '77', environment: 'prod-eu' }}
    ${'known by its name'}        | ${{ environment: 'production' }}
  `(
    '$how',
    async ({ inputs }) => {
      await using at = await world()
      const job = { sha: at.head, run: '4711' }
      at.github.beginJob('acme/shop', { ...job, environment: 'production', id: '77' })
      at.github.beginJob('acme/shop', { ...job, environment: 'github-pages', id: '78' })
      at.github.beginJob('acme/shop', { ...job, environment: 'production', run: '4699', id: '5' })
      await using run = await at.wait(inputs)
      expect([run.exitCode, levels(run)]).toEqual([0, []])
      expect(at.shown().deployments).toEqual([
        [at.head, 'production', 'queued', 'in_progress', 'in_progress', 'success'],
        [at.head, 'github-pages', 'queued', 'in_progress'],
        [at.head, 'production', 'queued', 'in_progress'],
      ])
    },
    60_000,
  )
})

describe('what is cut off does not go on for ever', () => {
  test('cancelled: it is closed before the step ends', async () => {
    await using at = await world()
    at.controller.setScenario('web-prod', 'never')
    const began = new AbortController()
    const running = at.wait({}, { cancelAfter: began.signal })
    await until(() => at.writes() >= 3)
    began.abort()
    await using run = await running
    expect([run.exitCode, run.outputs['reason']]).toEqual([130, expect.stringMatching(/^cancelled: /)])
    expect(run.cancelledFor).toBeLessThan(2500)
    const closed = {
      deployments: [[at.built, 'web-prod', 'in_progress', 'inactive']],
      statuses: [['gitops-relay/web-prod', 'pending', 'error']],
    }
    expect(at.shown()).toEqual(closed)
    await using post = await run.post()
    expect([post.exitCode, at.shown()]).toEqual([0, closed])
  }, 60_000)

  test('killed: the post step closes it, once', async () => {
    await using at = await world()
    at.controller.setScenario('web-prod', 'never')
    const began = new AbortController()
    const running = at.wait({}, { cancelAfter: began.signal, cancelBy: 'SIGKILL' })
    await until(() => at.writes() >= 3)
    began.abort()
    await using run = await running
    expect([run.exitCode, run.signal]).toEqual([null, 'SIGKILL'])
    expect(at.shown().deployments).toEqual([[at.built, 'web-prod', 'in_progress']])
    await using post = await run.post()
    expect([post.exitCode, levels(post)]).toEqual([0, []])
    const closed = {
      deployments: [[at.built, 'web-prod', 'in_progress', 'inactive']],
      statuses: [['gitops-relay/web-prod', 'pending', 'error']],
    }
    expect(at.shown()).toEqual(closed)
    await using again = await run.post()
    expect([again.exitCode, at.shown()]).toEqual([0, closed])
  }, 60_000)

  test('killed while it says how it ended: the post step says that', async () => {
    await using at = await world()
    at.github.fail({ match: /^POST .*\/deployments\/\d+\/statuses/, after: 1, kind: 'hang' })
    const stuck = new AbortController()
    const running = at.wait({}, { cancelAfter: stuck.signal, cancelBy: 'SIGKILL' })
    await until(() => at.github.statuses('acme/config').length === 2 && at.writes() === 5)
    stuck.abort()
    await using run = await running
    expect(run.signal).toBe('SIGKILL')
    await using post = await run.post()
    expect([post.exitCode, post.log]).toEqual([0, ''])
    expect(at.shown()).toEqual({
      deployments: [[at.built, 'web-prod', 'in_progress', 'success']],
      statuses: [['gitops-relay/web-prod', 'pending', 'success']],
    })
  }, 60_000)
})

const long = inLane(describe.skip, describe)
long('a GitHub that is not well holds the verdict up for ten seconds at most, with one warning', () => {
  test.each<Fault>([
    { match: '/repos/', kind: 'hang', times: 999 },
    { match: /^POST/, kind: 'status', status: 502, times: 999 },
    { match: /^POST/, kind: 'reset', times: 999 },
    { ...secondaryRateLimit({ match: /^POST/, times: 999 }) },
  ])(
    '$kind $status',
    async fault => {
      await using at = await world()
      at.github.fail(fault)
      await using run = await at.wait()
      expect([run.exitCode, run.outputs['result'], levels(run)]).toEqual([0, 'live', ['warning']])
      expect(run.duration).toBeLessThan(16_000)
    },
    60_000,
  )
})

async function until(holds: () => boolean) {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 10))
}
