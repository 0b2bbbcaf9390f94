// What GitHub shows of a wait, over HTTP; the wait itself is a promise that the test keeps.
import { describe, expect, test } from '@jest/globals'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { repositoryUrl } from '@gitops-relay/config-repo/url'
import { systemClock, type Clock } from '@gitops-relay/http/clock'
import type { TargetVerdict, Verdict } from '@gitops-relay/sync'
import { githubServer, recordingHost, type TokenRights } from '@gitops-relay/testing'
import type { Subject } from './board.ts'
import { createFeedback } from './feedback.ts'
import { boardsFor } from './feedback-boards.ts'
import type { FeedbackInputs } from './inputs.ts'

const TOKEN = 'ghs_0123456789abcdef'

/** Four times as fast. */
const clock: Clock = {
  now: () => systemClock.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 4, signal),
}

const verdictOf = (targets: readonly string[], result: 'live' | 'failed' = 'live'): Verdict => ({
  result,
  reason: { code: 'degraded', sentence: `It is Degraded with ${TOKEN}.` },
  revision: '',
  targets: targets.map((target): TargetVerdict => ({
    target,
    result: target === 'bad' ? 'failed' : 'live',
    revision: '',
    health: '',
    reason: { code: 'degraded', sentence: 'It is Degraded.' },
    since: 0,
  })),
  deadline: 0,
  questions: [],
  attend: [],
})

interface Wishes extends Partial<FeedbackInputs> {
  rights?: TokenRights
  targets?: string[]
}

async function world({ rights = {}, targets = ['web'], ...wishes }: Wishes = {}, facts = {}) {
  const server = await githubServer({ tokens: { [TOKEN]: rights } })
  const built = await server.createRepository('acme/shop', { a: '' })
  const sha = await server.commit('acme/shop', 'main', { a: '1' }, 'next')
  await server.createRepository('acme/config', { b: '' })
  const said = `deploy\n\nSource-Repository: acme/shop\nSource-Commit: ${built}\n`
  const commit = await server.commit('acme/config', 'main', { b: '1' }, said)
  const host = await recordingHost({
    run: {
      sha,
      sourceCommit: sha,
      serverUrl: server.gitOrigin,
      apiUrl: server.url,
      graphqlUrl: server.graphqlUrl,
      ...facts,
    },
  })
  host.mask(TOKEN)
  // The first request has the server read GitHub's whole description.
  await fetch(`${server.url}/repos/acme/shop`, { headers: { 'user-agent': 'test' } })
  server.requests.length = 0
  const wanted: FeedbackInputs = {
    feedback: true,
    environment: '',
    sourceToken: TOKEN,
    checkRun: '',
    repository: repositoryUrl('acme/config', server.gitOrigin),
    token: TOKEN,
    ...wishes,
  }
  const open = () =>
    createFeedback({
      boardsOf: boardsFor(wanted, { run: host.run, env: {}, clock }),
      isGood: ({ result }) => result === 'live',
      remember: memory => host.saveState('feedback', memory),
      redact: host.redact,
      log: host.log,
      clock,
    })
  const subject: Subject = { commit, targets }
  const cancel = new AbortController()
  return {
    server,
    host,
    cancel,
    subject,
    /** The commit of the trailer; the run is about the next one. */
    built,
    sha,
    /** Of another process. */
    post: () => open().sweep(host.readState('feedback'), new AbortController().signal),
    during: (waiting: Promise<Verdict>) => open().during(subject, waiting, cancel.signal),
    /** Ends when so many writes have come. */
    async written(count: number) {
      while (server.requests.filter(({ method, status }) => method === 'POST' && status > 0).length < count)
        await systemClock.sleep(5)
    },
    levels: () => host.annotations.map(({ level }) => level),
    statuses: () => server.statuses('acme/config').map(({ context, state }) => `${context} ${state}`),
    course: () =>
      server.deployments('acme/shop').map(({ statuses }) => statuses.map(({ state }) => state).join(' ')),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const live = Promise.resolve(verdictOf(['web']))

test('the beginning is there while the wait goes on, the end with its verdict', async () => {
  await using at = await world()
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const during = at.during(promise)
  await at.written(3)
  expect([at.statuses(), at.course()]).toEqual([['gitops-relay/web pending'], ['in_progress']])
  const verdict = await live
  resolve(verdict)
  expect(await during).toBe(verdict)
  expect(at.statuses().at(-1)).toBe('gitops-relay/web success')
  expect([at.course(), at.host.readState('feedback'), at.levels()]).toEqual([['in_progress success'], '', []])
})

describe('a wait that ends without a verdict throws what it threw, and says so', () => {
  test.each<{ what: string; error: Error }>`
    what                     | error
    ${'a mistake of theirs'} | ${new UserError('argocd-login', 'No.', 'Do.')}
    ${'a mistake of ours'}   | ${new TypeError('x')}
  `('$what', async ({ error }) => {
    await using at = await world()
    const { promise, reject } = Promise.withResolvers<Verdict>()
    const during = at.during(promise)
    await at.written(3)
    reject(error)
    await expect(during).rejects.toBe(error)
    expect([at.course(), at.statuses().at(-1)]).toEqual([['in_progress error'], 'gitops-relay/web error'])
  })
})

test('a wait that was cancelled before it had a Deployment gets none', async () => {
  await using at = await world()
  at.server.fail({ match: /^POST .*deployments$/, kind: 'status', status: 500 })
  const { promise, reject } = Promise.withResolvers<Verdict>()
  const during = at.during(promise)
  await at.written(2)
  at.cancel.abort()
  reject(new Error('cancelled'))
  await expect(during).rejects.toThrow('cancelled')
  expect([at.course(), at.statuses().at(-1), at.levels()]).toEqual([[], 'gitops-relay/web error', []])
})

test('a cancelled step is not held up for more than its second, and leaves the rest to the post moment', async () => {
  await using at = await world()
  const { promise, reject } = Promise.withResolvers<Verdict>()
  const during = at.during(promise)
  await at.written(3)
  at.server.fail({ match: /^POST/, kind: 'hang', times: 2 })
  at.cancel.abort()
  const before = performance.now()
  reject(new Error('cancelled'))
  await expect(during).rejects.toThrow('cancelled')
  expect(performance.now() - before).toBeLessThan(1000)
  expect([at.course(), at.levels()]).toEqual([['in_progress'], []])
  await at.post()
  expect([at.course(), at.statuses().at(-1), at.levels()]).toEqual([
    ['in_progress inactive'],
    'gitops-relay/web error',
    [],
  ])
})

test('of several targets, those that are bad are said first; more than twenty share one status', async () => {
  const several = ['api', 'bad', 'web']
  await using at = await world({ targets: several })
  await at.during(Promise.resolve(verdictOf(several, 'failed')))
  // With the verdict there at once, nobody needs to hear of the beginning.
  expect(at.statuses()).toEqual([
    'gitops-relay/bad failure',
    'gitops-relay/api success',
    'gitops-relay/web success',
  ])

  const many = Array.from({ length: 21 }, (_, n) => `web-${n}`)
  await using crowd = await world({ targets: many })
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const during = crowd.during(promise)
  await crowd.written(3)
  resolve(verdictOf(many))
  await during
  expect(crowd.statuses()).toEqual(['gitops-relay/targets pending', 'gitops-relay/targets success'])
  expect(crowd.server.deployments('acme/shop')).toMatchObject([{ environment: 'web-0' }])
})

test('a context that is pending already is left so', async () => {
  await using at = await world()
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const first = at.during(promise)
  await at.written(3)
  const second = at.during(promise)
  await at.written(4)
  resolve(await live)
  await Promise.all([first, second])
  expect(at.statuses().filter(text => text.endsWith('pending'))).toHaveLength(1)
})

test('what the server repeats of a secret is not written', async () => {
  await using at = await world()
  await at.during(Promise.resolve(verdictOf(['web'], 'failed')))
  const written = JSON.stringify([at.server.deployments('acme/shop'), at.server.statuses('acme/config')])
  expect(written).toContain('It is Degraded with ***.')
  expect(written).not.toContain(TOKEN)
})

describe('a GitHub that stumbles leaves one Deployment, with its end', () => {
  const post = /^POST .*\/deployments$/
  test.each<{
    what: string
    match: RegExp
    kind: 'drop-answer' | 'reset' | 'status' | 'hang'
    times?: number
  }>`
    what                                         | match                        | kind             | times
    ${'the answer to the Deployment gets lost'}  | ${post}                      | ${'drop-answer'} | ${1}
    ${'the Deployment does not arrive'}          | ${post}                      | ${'reset'}       | ${1}
    ${'its statuses fail'}                       | ${/^POST .*\/\d+\/statuses/} | ${'status'}      | ${3}
    ${'nobody can read the commit for a moment'} | ${/git\/commits/}            | ${'status'}      | ${1}
    ${'lists fail'}                              | ${/^GET .*\/deployments\?/}  | ${'reset'}       | ${2}
  `('$what', async ({ match, kind, times }) => {
    await using at = await world()
    at.server.fail({ match, kind, times: times ?? 1, status: 502 })
    await at.during(live)
    expect(at.course()).toEqual([expect.stringMatching(/^(?:in_progress )*success$/)])
    expect(at.levels()).toEqual([])
  })
})

test.each([
  [2, 'that of its trailer'],
  [3, 'that of the run'],
])('a config commit that is not found %i times: the source is %s', async (times, source) => {
  await using at = await world()
  at.server.fail({ match: /git\/commits/, kind: 'status', status: 404, times })
  await at.during(live)
  const sha = source === 'that of the run' ? at.sha : at.built
  expect(at.server.deployments('acme/shop')).toMatchObject([{ sha }])
})

describe('a GitHub that is not there', () => {
  test.each(['hang', 'reset', 'status'] as const)(
    '%s: one warning, the verdict, and the post moment tries again',
    async kind => {
      await using at = await world()
      at.server.fail({ match: /^POST .*\/deployments/, kind, times: 99, status: 500 })
      await at.during(live)
      expect([at.levels(), at.course(), at.statuses().at(-1)]).toEqual([
        ['warning'],
        [],
        'gitops-relay/web success',
      ])
      expect(JSON.parse(at.host.readState('feedback'))).toMatchObject({
        subject: at.subject,
        ending: { state: 'success' },
      })
      at.server.fail({ kind: 'reset', times: 999 })
      await at.post()
      expect(at.levels()).toEqual(['warning'])
    },
    30_000,
  )
})

/** A wait that goes on for ever, as if its process was gone. */
async function left() {
  const at = await world()
  const { promise } = Promise.withResolvers<Verdict>()
  void at.during(promise)
  await at.written(3)
  return at
}

test('two waits of a job with an environment of its own are both shown in its Deployment', async () => {
  await using at = await world({ checkRun: '77' })
  at.server.beginJob('acme/shop', { sha: at.sha, environment: 'prod', run: '4711', id: '77' })
  at.server.beginJob('acme/shop', { sha: at.sha, environment: 'docs', run: '4711', id: '777' })
  await at.during(live)
  await at.during(Promise.resolve(verdictOf(['web'], 'failed')))
  expect(at.course()).toEqual([
    expect.stringMatching(/^queued in_progress .*success .*failure$/),
    'queued in_progress',
  ])
})

test('a source in another repository than that of the run has a Deployment of its own', async () => {
  await using at = await world({ environment: 'prod' }, { repository: 'acme/config' })
  at.server.beginJob('acme/config', { sha: at.sha, environment: 'prod', run: '4711', id: '77' })
  await at.during(live)
  expect(at.server.deployments('acme/config')[0]?.statuses).toHaveLength(2)
  expect([at.course().length, at.levels()]).toEqual([1, []])
})

describe('what the post moment finds', () => {
  test('a wait that was killed is closed, once', async () => {
    await using at = await left()
    await at.post()
    await at.post()
    expect([at.course(), at.statuses()]).toEqual([
      ['in_progress inactive'],
      ['gitops-relay/web pending', 'gitops-relay/web error'],
    ])
  })

  test('what another run has said since stays', async () => {
    await using at = await left()
    const { sha = '' } = at.server.statuses('acme/config')[0] ?? {}
    const body = JSON.stringify({
      context: 'gitops-relay/web',
      state: 'pending',
      target_url: 'https://other',
    })
    const headers = { authorization: `token ${TOKEN}`, 'user-agent': 'test' }
    await fetch(`${at.server.url}/repos/acme/config/statuses/${sha}`, { method: 'POST', headers, body })
    await at.post()
    expect(at.statuses()).toEqual(['gitops-relay/web pending', 'gitops-relay/web pending'])
  })

  test('a GitHub that is away: one warning', async () => {
    await using at = await left()
    at.server.fail({ kind: 'hang', times: 99 })
    await at.post()
    expect([at.levels(), at.course()]).toEqual([['warning'], ['in_progress']])
  }, 30_000)
})

describe('nothing is asked', () => {
  test.each<{ what: string; wishes: Partial<FeedbackInputs> }>`
    what                   | wishes
    ${'feedback: false'}   | ${{ feedback: false }}
    ${'without any token'} | ${{ sourceToken: '', token: undefined }}
  `('$what', async ({ wishes }) => {
    await using at = await world(wishes)
    await at.during(live)
    expect([at.server.requests, [...at.host.state]]).toEqual([[], []])
  })
})

describe('each board stands alone', () => {
  test.each<{ what: string; wishes: object; course: string[]; statuses: number }>`
    what                         | wishes                  | course         | statuses
    ${'no token for the source'} | ${{ sourceToken: '' }}  | ${[]}          | ${1}
    ${'no token for the config'} | ${{ token: undefined }} | ${['success']} | ${0}
  `('$what', async ({ wishes, course, statuses }) => {
    await using at = await world(wishes)
    await at.during(live)
    expect(at.course().map(text => text.split(' ').at(-1))).toEqual(course)
    expect(at.statuses().filter(text => text.endsWith('success'))).toHaveLength(statuses)
    expect(at.levels()).toEqual([])
  })
})

test('a mistake of ours is no failure of the step', async () => {
  await using at = await world()
  const broken = createFeedback({
    boardsOf: () => {
      throw new TypeError('x is not a function')
    },
    isGood: () => true,
    remember: () => {},
    redact: text => text,
    log: at.host.log,
    clock,
  })
  expect(await broken.during(at.subject, live, at.cancel.signal)).toBe(await live)
  expect(at.levels()).toEqual(['warning'])
})
