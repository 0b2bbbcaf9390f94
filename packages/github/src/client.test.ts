import { text as bodyText } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import { createHttp } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import { loopback, type Answer } from '@gitops-relay/testing'
import { createGitHub } from './client.ts'

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
})
const told = (status: number, message: string, headers: Record<string, string> = {}) =>
  json({ message, documentation_url: 'https://docs.github.com/rest' }, status, headers)

const random = () => 0

/** A client at a server that gives its answers in turn, the last one again and again; nobody really waits. */
async function world(...answers: (Answer | ((url: URL) => Answer))[]) {
  const asked: { method: string; path: string; body: string; headers: NodeJS.Dict<string | string[]> }[] = []
  const server = await loopback(async (request, url) => {
    const body = await bodyText(request)
    asked.push({
      method: request.method ?? '',
      path: url.pathname + url.search,
      body,
      headers: request.headers,
    })
    const next = answers[Math.min(asked.length, answers.length) - 1] ?? told(404, 'Not Found')
    return typeof next === 'function' ? next(url) : next
  })
  const slept: number[] = []
  const said: string[] = []
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock: Clock = {
    now: () => now,
    sleep(milliseconds) {
      slept.push(milliseconds)
      now += milliseconds
      return Promise.resolve()
    },
  }
  const deadline = now + 300_000
  const http = createHttp({ clock, random, deadline })
  const say = (line: string) => void said.push(line)
  const urls = { apiUrl: server.url, graphqlUrl: `${server.url}/graphql` }
  const github = createGitHub({ ...urls, token: 'ghs_1_a.b.c', http, clock, random, deadline, say })
  return { github, server, asked, slept, said, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const repository = { owner: 'acme', repo: 'config' }
const route = 'GET /repos/{owner}/{repo}'
const to = { to: 'read acme/config' }
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a route is filled in and asked for with the token', async () => {
  await using at = await world(json({ default_branch: 'main' }))
  expect((await at.github.rest(route, repository, to)).at('default_branch').text()).toBe('main')
  expect(at.asked).toMatchObject([
    {
      method: 'GET',
      path: '/repos/acme/config',
      headers: { authorization: expect.stringMatching(/ ghs_1_a\.b\.c$/) },
    },
  ])
})

describe('what a refusal means', () => {
  test.each<{ answer: Answer; code: string; words: string }>`
    answer                                                                                                             | code                  | words
    ${told(401, 'Bad credentials')}                                                                                    | ${'unauthorized'}     | ${'"token"'}
    ${told(403, 'Resource not accessible by integration', { 'x-accepted-github-permissions': 'contents=write; a=b' })} | ${'no-permission'}    | ${'permission contents: write, or a: b.'}
    ${told(403, 'Resource protected by organization SAML enforcement.')}                                               | ${'no-permission'}    | ${'Authorize'}
    ${told(403, 'GitHub Actions is not permitted to create or approve pull requests.')}                                | ${'no-permission'}    | ${'settings of repository and organization'}
    ${told(403, 'Repository was archived so is read-only.')}                                                           | ${'read-only'}        | ${'archived'}
    ${told(404, 'Not Found')}                                                                                          | ${'not-found'}        | ${'Cannot read acme/config'}
    ${told(409, 'Git Repository is empty.')}                                                                           | ${'no-branch'}        | ${'Push a first commit'}
    ${told(422, 'Repository rule violations found\n\nChanges must be made through a pull request.')}                   | ${'branch-protected'} | ${'mode'}
    ${told(422, 'Invalid request')}                                                                                    | ${'github-refused'}   | ${'422, Invalid request'}
    ${{ status: 307, headers: { location: 'https://elsewhere.invalid/' } }}                                            | ${'redirected'}       | ${'new name'}
    ${told(502, 'Server Error')}                                                                                       | ${'github-failed'}    | ${'again later'}
  `('$code', async ({ answer, code, words }) => {
    await using at = await world(answer)
    const error = await failure(at.github.rest('PATCH /repos/{owner}/{repo}', repository, to))
    expect(error).toMatchObject({ name: 'UserError', code, message: expect.stringContaining(words) })
    expect(at.asked).toHaveLength(1)
  })

  test('a message with line breaks and commands becomes one line, cut short', async () => {
    await using at = await world(told(422, `x\n::error::y\r\u001b[31m${'z'.repeat(1000)}`))
    const error = await failure(at.github.rest(route, repository, to))
    expect(String(error)).toMatch(/^[ -~]{1,500}$/)
  })
})

describe('what is repeated', () => {
  test('a read after 502, and until it is there', async () => {
    await using at = await world(told(502, ''), told(503, ''), json({ id: 1 }))
    expect((await at.github.rest(route, repository, to)).at('id').integer()).toBe(1)
    expect(at.asked).toHaveLength(3)
  })

  test('a write is not, after 502 or a cut connection', async () => {
    await using at = await world(json({}))
    at.server.fail({ match: 'repos', times: 1, kind: 'drop-answer' })
    const error = await failure(at.github.rest('POST /repos/{owner}/{repo}/pulls', repository, to))
    expect(error).toMatchObject({ name: 'HttpError', code: 'network' })
    expect(at.asked).toHaveLength(1)
  })

  test.each<{ limit: Answer; waits: number[] }>`
    limit                                                                                                | waits
    ${told(403, 'You have exceeded a secondary rate limit', { 'retry-after': '7' })}                     | ${[7000]}
    ${told(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.')}                 | ${[60_000]}
    ${told(429, 'Too many', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767225630' })}        | ${[30_000]}
    ${told(403, 'API rate limit exceeded', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '17' })} | ${[1000]}
  `('a write after a limit, when GitHub says: $waits', async ({ limit, waits }) => {
    await using at = await world(limit, json({ number: 7 }))
    const made = await at.github.rest('POST /repos/{owner}/{repo}/pulls', repository, to)
    expect(made.at('number').integer()).toBe(7)
    expect(at.slept).toEqual(waits)
    expect(at.said).toHaveLength(1)
  })

  test('a limit that lasts longer than the time there is says until when', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1767229200' }
    await using at = await world(told(403, 'API rate limit exceeded', headers))
    const error = await failure(at.github.rest(route, repository, to))
    expect(error).toMatchObject({
      code: 'rate-limited',
      remedy: expect.stringContaining('2026-01-01T01:00:00'),
    })
    expect(at.slept).toEqual([])
  })

  test("GraphQL's limit comes with 200, and a word in an answer is none", async () => {
    const errors = [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }]
    const labels = { data: { label: 'RATE_LIMITED' } }
    await using at = await world(json({ errors }, 200, { 'retry-after': '3' }), json(labels))
    expect((await at.github.graphql('mutation { a }', {}, to)).at('label').line()).toBe('RATE_LIMITED')
    expect(at.slept).toEqual([3000])
  })

  test('a GraphQL query is a read, a mutation is not', async () => {
    await using at = await world(told(502, ''), json({ data: { a: 1 } }), told(502, ''))
    await at.github.graphql('query { a }', {}, to)
    expect(at.asked).toHaveLength(2)
    await failure(at.github.graphql('mutation { a }', {}, to))
    expect(at.asked).toHaveLength(3)
  })
})

describe('hostile answers', () => {
  test.each<{ answer: Answer }>`
    what                        | answer
    ${'a page of HTML'}         | ${{ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }}
    ${'broken JSON'}            | ${{ status: 200, headers: { 'content-type': 'application/json' }, body: '{"default_' }}
    ${'nothing'}                | ${{ status: 200 }}
    ${'null'}                   | ${json(null)}
    ${'a list'}                 | ${json([])}
    ${'a name of another type'} | ${json({ default_branch: { __proto__: 'main' } })}
  `('$what is no branch', async ({ answer }) => {
    await using at = await world(answer)
    const read = at.github.rest(route, repository, to).then(found => found.at('default_branch').text())
    expect(await failure(read)).toMatchObject({
      code: 'bad-answer',
      message: expect.stringContaining('default_branch'),
    })
  })

  test('a body that ends early is no answer', async () => {
    await using at = await world(json({ default_branch: 'main' }))
    at.server.fail({ match: 'repos', times: 9, kind: 'truncate' })
    expect(await failure(at.github.rest(route, repository, to))).toMatchObject({ name: 'HttpError' })
  })

  test('pages are counted by us, whatever the links say, and an end comes', async () => {
    const link = '<https://evil.invalid/steal?page=2>; rel="next"'
    await using at = await world(url => json([{ id: Number(url.searchParams.get('page')) }], 200, { link }))
    const ids: number[] = []
    for await (const item of at.github.list('GET /repos/{owner}/{repo}/commits', repository, to)) {
      ids.push(item.at('id').integer())
    }
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
  })

  test('a redirect to another host gets no token', async () => {
    await using other = await world(json({ default_branch: 'evil' }))
    const location = `${other.server.url.replace('127.0.0.1', 'localhost')}/x`
    await using at = await world({ status: 302, headers: { location } })
    await failure(at.github.rest(route, repository, to))
    expect(other.asked.map(({ headers }) => headers['authorization'])).not.toContainEqual(expect.anything())
  })

  test('a notice of deprecation is not printed', async () => {
    await using at = await world(json({}, 200, { deprecation: 'true', sunset: '##[error]boo' }))
    const printed: unknown[] = []
    const { warn } = console
    console.warn = (...texts: unknown[]) => void printed.push(texts)
    await at.github.rest(route, repository, to)
    console.warn = warn
    expect(printed).toEqual([])
  })
})

test('what was read before is asked for by its tag', async () => {
  await using at = await world(json({ id: 5 }, 200, { etag: '"a"' }), { status: 304 })
  for (const _ of [1, 2]) expect((await at.github.rest(route, repository, to)).at('id').integer()).toBe(5)
  expect(at.asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"'])
})

test('an error in a GraphQL answer is an error, even beside data', async () => {
  const errors = [{ type: 'STALE_DATA', message: 'Expected branch to point to "a" but it did not.' }]
  await using at = await world(json({ data: { createCommitOnBranch: null }, errors }))
  const error = await failure(
    at.github.graphql('mutation($input: X!) { a }', { input: 1, url: 'https://x' }, to),
  )
  expect(error).toMatchObject({ types: ['STALE_DATA'], status: 200, said: errors[0]?.message })
  expect(JSON.parse(at.asked[0]?.body ?? '')).toEqual({
    query: 'mutation($input: X!) { a }',
    variables: { input: 1, url: 'https://x' },
  })
})

test('a call that is stopped ends with the reason', async () => {
  await using at = await world(json({}))
  const reason = new Error('stop')
  const error = await failure(at.github.rest(route, repository, { ...to, signal: AbortSignal.abort(reason) }))
  expect(error).toBe(reason)
})
