// The API against git itself, and against what GitHub describes.
import { connect } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { githubServer, secondaryRateLimit } from './github-server.ts'
import { caller } from './caller.test-double.ts'

const at = '/repos/acme/config'

async function config(options: Parameters<typeof githubServer>[0] = { tokens: { app: {} } }) {
  const server = await githubServer(options)
  const first = await server.createRepository('acme/config', {
    'app.yaml': 'tag: "1"\n',
    'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
  })
  return { server, first, ...caller(server, Object.keys(options.tokens ?? {})[0]) }
}

const entry = (path: string, more: object) => ({ path, mode: '100644', type: 'blob', ...more })

const commitMutation =
  'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid signature { isValid } } } }'

const commitInput = (expectedHeadOid: string, path: string, text: string, branchName = 'main') => ({
  input: {
    branch: { repositoryNameWithOwner: 'acme/config', branchName },
    expectedHeadOid,
    message: { headline: `Change ${path}`, body: 'Change-Id: 1' },
    fileChanges: { additions: [{ path, contents: Buffer.from(text).toString('base64') }] },
  },
})

describe('what the API commits is what git reads', () => {
  test('by GraphQL: signed by GitHub, on top of the expected head', async () => {
    const { server, first, graphql, rest } = await config()
    await using _ = server
    const { data } = await graphql(commitMutation, commitInput(first, 'app.yaml', 'tag: "2"\n'))
    const commit = data?.createCommitOnBranch.commit
    expect(commit.signature).toEqual({ isValid: true })
    expect(await server.git.head('acme/config', 'main')).toBe(commit.oid)
    expect(await server.git.read('acme/config', 'main', 'app.yaml')).toBe('tag: "2"\n')
    expect(await server.git.log('acme/config', 'main')).toMatchObject([
      { message: 'Change app.yaml\n\nChange-Id: 1', parents: [first] },
      { sha: first },
    ])
    const read = await rest('GET', `${at}/git/commits/${commit.oid}`)
    expect(read.body).toMatchObject({
      verification: { verified: true, reason: 'valid' },
      committer: { name: 'GitHub' },
    })
    await expect(server.git.git('acme/config', 'fsck', '--strict', '--no-dangling')).resolves.toBe('')
  })

  test('by GraphQL: the executable bit is lost, as on GitHub', async () => {
    const { server, first, graphql } = await config()
    await using _ = server
    await graphql(commitMutation, commitInput(first, 'run.sh', '#!/bin/bash\n'))
    expect(await server.git.git('acme/config', 'ls-tree', 'main', 'run.sh')).toMatch(/^100644 /)
  })

  test('by the Git database: modes stay, deletions and new folders work', async () => {
    const { server, first, rest } = await config()
    await using _ = server
    const tree = await rest('POST', `${at}/git/trees`, {
      base_tree: first,
      tree: [
        { path: 'run.sh', mode: '100755', type: 'blob', content: '#!/bin/bash\n' },
        { path: 'app.yaml', mode: '100644', type: 'blob', sha: null },
        { path: 'a/"q".yaml', mode: '100644', type: 'blob', content: 'x\n' },
        { path: 'a/b/ü c.yaml', mode: '100644', type: 'blob', content: 'x\n' },
      ],
    })
    const commit = await rest('POST', `${at}/git/commits`, {
      message: 'All at once',
      tree: tree.body.sha,
      parents: [first],
    })
    const moved = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: commit.body.sha, force: false })
    expect(moved.status).toBe(200)
    const listed = await server.git.git('acme/config', '-c', 'core.quotePath=false', 'ls-tree', '-r', 'main')
    expect(
      listed
        .replaceAll(/blob \w+\t/g, '')
        .trim()
        .split('\n'),
    ).toEqual([String.raw`100644 "a/\"q\".yaml"`, '100644 a/b/ü c.yaml', '100755 run.sh'])
  })

  test('by the Git database: a folder or a file takes the place of what was there', async () => {
    const { server, first, rest } = await config()
    await using _ = server
    const make = async (base_tree: string | undefined, ...tree: object[]): Promise<string> =>
      (await rest('POST', `${at}/git/trees`, { tree, ...(base_tree === undefined ? {} : { base_tree }) }))
        .body.sha
    const names = async (tree: string) =>
      (await server.git.git('acme/config', 'ls-tree', '-r', '--name-only', tree)).trim().split('\n')

    const folder = await make(undefined, entry('new.yaml', { content: 'x' }))
    const nested = await make(first, entry('a/old.yaml', { content: 'x' }))
    const replaced = await make(nested, { path: 'a', mode: '040000', type: 'tree', sha: folder })
    expect(await names(replaced)).toEqual(['a/new.yaml', 'app.yaml', 'run.sh'])
    const flat = await make(replaced, entry('a', { content: 'x' }))
    expect(await names(flat)).toEqual(['a', 'app.yaml', 'run.sh'])
    const empty = await make(folder, entry('new.yaml', { sha: null }))
    expect(await names(empty)).toEqual([''])
  })

  test.each([
    { who: 'a bot that leaves the author to GitHub', login: 'app[bot]', people: {}, reason: 'valid' },
    {
      who: 'a bot that names one',
      login: 'app[bot]',
      people: { author: { name: 'A', email: 'a@b.c' } },
      reason: 'unsigned',
    },
    { who: 'a person', login: 'octocat', people: {}, reason: 'unsigned' },
  ])('by the Git database: $who gets $reason', async ({ login, people, reason }) => {
    const { server, first, rest } = await config({ tokens: { token: { login } } })
    await using _ = server
    const { tree } = (await rest('GET', `${at}/git/commits/${first}`)).body
    const wish = { message: 'x', tree: tree.sha, parents: [first], ...people }
    const { body } = await rest('POST', `${at}/git/commits`, wish)
    expect(body.verification).toMatchObject({ reason, verified: reason === 'valid' })
  })

  test('by the contents: a wrong blob is a conflict, the right one is replaced', async () => {
    const { server, rest } = await config()
    await using _ = server
    const content = Buffer.from('tag: "3"\n').toString('base64')
    const { body } = await rest('GET', `${at}/contents/app.yaml`)
    const wish = { message: 'Bump', content }
    expect(await rest('PUT', `${at}/contents/app.yaml`, { ...wish, sha: '0'.repeat(40) })).toMatchObject({
      status: 409,
    })
    expect(await rest('PUT', `${at}/contents/app.yaml`, wish)).toMatchObject({ status: 422 })
    expect(await rest('PUT', `${at}/contents/app.yaml`, { ...wish, sha: body.sha })).toMatchObject({
      status: 200,
    })
    expect(await server.git.read('acme/config', 'main', 'app.yaml')).toBe('tag: "3"\n')
  })
})

describe('a head that has moved', () => {
  test('is STALE_DATA for GraphQL, in GitHub’s words, when somebody comes in between', async () => {
    const { server, first, graphql } = await config()
    await using _ = server
    server.fail({
      match: '/graphql',
      kind: 'meanwhile',
      act: () => server.commit('acme/config', 'main', { 'other.yaml': 'x\n' }, 'Somebody else'),
    })
    const { data, errors } = await graphql(commitMutation, commitInput(first, 'app.yaml', 'tag: "2"\n'))
    expect(data).toEqual({ createCommitOnBranch: null })
    expect(errors).toEqual([
      {
        type: 'STALE_DATA',
        path: ['createCommitOnBranch'],
        locations: [{ line: 1, column: 48 }],
        message: `Expected branch to point to "${first}" but it did not.  Pull and try again.`,
      },
    ])
    expect(await server.git.log('acme/config', 'main')).toHaveLength(2)
  })

  test('lets one of eight writers through at a time, and loses neither them nor what git brings', async () => {
    const { server, graphql, rest } = await config()
    await using _ = server
    const pushes = Array.from({ length: 8 }, (_unused, push) =>
      server.commit('acme/config', 'main', { [`git-${push}.yaml`]: 'x\n' }, `Push ${push}`),
    )
    await Promise.all(
      Array.from({ length: 8 }, async (_unused, writer) => {
        for (;;) {
          const head = await rest('GET', `${at}/git/ref/heads/main`)
          const input = commitInput(head.body.object.sha, `app-${writer}.yaml`, `${writer}\n`)
          if ((await graphql(commitMutation, input)).errors === undefined) return
        }
      }),
    )
    await Promise.all(pushes)
    const log = await server.git.log('acme/config', 'main')
    expect(log).toHaveLength(17)
    expect(new Set(log.map(({ message }) => message)).size).toBe(17)
  })

  test('is no fast forward for a reference', async () => {
    const { server, first, rest } = await config()
    await using _ = server
    const newer = await server.commit('acme/config', 'main', { x: '1' }, 'Newer')
    const back = (force: boolean) => rest('PATCH', `${at}/git/refs/heads/main`, { sha: first, force })
    expect(await back(false)).toMatchObject({
      status: 422,
      body: { message: 'Update is not a fast forward' },
    })
    expect(await server.git.head('acme/config', 'main')).toBe(newer)
    expect(await back(true)).toMatchObject({ status: 200 })
  })

  test('is not seen by reads that lag', async () => {
    const { server, first, rest } = await config()
    await using _ = server
    await server.lag('acme/config', 'main', 2)
    const newer = await server.commit('acme/config', 'main', { x: '1' }, 'Newer')
    const seen = async () => (await rest('GET', `${at}/git/ref/heads/main`)).body.object.sha
    expect([await seen(), await seen(), await seen()]).toEqual([first, first, newer])
  })
})

describe('what is outside of GitHub’s description fails the test', () => {
  test.each<{ what: string; method: string; path: string; body?: object; says: string }>([
    {
      what: 'an unknown operation',
      method: 'GET',
      path: '/repos/acme/config/nothing',
      says: 'no such operation',
    },
    {
      what: 'an unknown parameter',
      method: 'GET',
      path: '/repos/acme/config/pulls?stat=x',
      says: 'must not have stat',
    },
    {
      what: 'a wrong parameter',
      method: 'GET',
      path: '/repos/acme/config/pulls?state=x',
      says: 'allowed values',
    },
    {
      what: 'a misspelt field',
      method: 'PATCH',
      path: '/repos/acme/config/pulls/1',
      body: { titel: 'x' },
      says: 'must not have titel',
    },
    {
      what: 'a field of another type',
      method: 'PATCH',
      path: '/repos/acme/config/pulls/1',
      body: { title: 7 },
      says: 'must be string',
    },
    {
      what: 'a missing field',
      method: 'POST',
      path: '/repos/acme/config/git/refs',
      body: { ref: 'refs/heads/x' },
      says: 'sha',
    },
    {
      what: 'what this server cannot do',
      method: 'GET',
      path: '/repos/acme/config/topics',
      says: 'not built here',
    },
  ])('$what', async ({ method, path, body, says }) => {
    const { server, rest } = await config()
    expect(await rest(method, path, body)).toMatchObject({ status: 500 })
    expect(server.violations).toEqual([expect.stringContaining(says)])
    await expect(server[Symbol.asyncDispose]()).rejects.toThrow(says)
  })

  test.each<{ what: string; query: string; says: string }>([
    { what: 'an unknown field', query: '{ viewer { nothing } }', says: 'Cannot query field "nothing"' },
    { what: 'no document', query: '{', says: 'Syntax Error' },
    {
      what: 'a missing input',
      query: 'mutation { enqueuePullRequest { clientMutationId } }',
      says: 'required',
    },
    { what: 'what is not built', query: '{ viewer { bio } }', says: 'User.bio is not built' },
  ])('$what of GraphQL', async ({ query, says }) => {
    const { server, graphql } = await config({ tokens: { person: { login: 'octocat' } } })
    await graphql(query)
    await expect(server[Symbol.asyncDispose]()).rejects.toThrow(says)
  })
})

test('an answer of ours outside of GitHub’s description fails the test, too', async () => {
  const { server, rest } = await config()
  const wish = { ref: 'main', required_contexts: [], auto_merge: false }
  const { body } = await rest('POST', `${at}/deployments`, wish)
  const status = { state: 'success', target_url: 'nowhere' }
  expect((await rest('POST', `${at}/deployments/${body.id}/statuses`, status)).status).toBe(500)
  await expect(server[Symbol.asyncDispose]()).rejects.toThrow(
    'our own 201: /target_url must match format "uri"',
  )
})

test('every read that is built answers as GitHub describes', async () => {
  const { server, first, rest } = await config({ tokens: { person: { login: 'octocat' } } })
  await using _ = server
  const reads = [
    ['/user', '/rate_limit', at],
    ['', '/main', '/main/status', '/main/statuses', '/main/check-runs', '/main/pulls'].map(
      end => `${at}/commits${end}`,
    ),
    ['/ref/heads/main', '/matching-refs/heads/', `/commits/${first}`, '/trees/main?recursive=1'].map(
      end => `${at}/git${end}`,
    ),
    ['/branches', '/branches/main', '/rules/branches/main', '/contents/run.sh?ref=main'].map(end => at + end),
    ['/pulls?state=all&per_page=5', '/compare/main...main', '/deployments'].map(end => at + end),
  ].flat()
  for (const path of reads) expect([path, (await rest('GET', path)).status]).toEqual([path, 200])
})

describe('limits', () => {
  test('an answer that is known costs nothing', async () => {
    const { server, rest } = await config()
    await using _ = server
    const { headers } = await rest('GET', at)
    const again = await rest('GET', at, undefined, { 'if-none-match': headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
    expect(again.headers.get('x-ratelimit-used')).toBe(headers.get('x-ratelimit-used'))
    await server.commit('acme/config', 'other', {}, 'Changes nothing of the repository’s own answer')
    await rest('POST', `${at}/pulls`, { title: 'x', head: 'none', base: 'main' })
    expect((await rest('GET', at)).headers.get('x-ratelimit-used')).toBe('3')
  })

  test('no more than is allowed', async () => {
    const { server, rest, graphql } = await config({ tokens: { app: {} }, requestLimit: 1 })
    await using _ = server
    await rest('GET', at)
    const refused = await rest('GET', at)
    expect(refused).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('API rate limit exceeded') },
    })
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    expect((await graphql('{ viewer { login } }')).errors).toMatchObject([{ type: 'RATE_LIMITED' }])
  })

  test('the secondary one, with and without a time to wait', async () => {
    const { server, rest } = await config()
    await using _ = server
    server.fail(secondaryRateLimit({ retryAfter: 7, status: 429 }))
    server.fail(secondaryRateLimit())
    const [first, second] = [await rest('GET', at), await rest('GET', at)]
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7'])
    expect([second.status, second.headers.get('retry-after')]).toEqual([403, null])
    expect(second.body.message).toContain('secondary rate limit')
  })

  test('pages, with the addresses of the others', async () => {
    const { server, rest } = await config()
    await using _ = server
    for (const name of ['b', 'c', 'd', 'e']) await server.commit('acme/config', name, { x: name }, name)
    const page = await rest('GET', `${at}/branches?per_page=2&page=2`)
    expect(page.body.map(({ name }: { name: string }) => name)).toEqual(['d', 'e'])
    const own = `${server.url}${at}/branches?per_page=2&page=`
    expect(page.headers.get('link')).toBe(
      `<${own}1>; rel="prev", <${own}3>; rel="next", <${own}3>; rel="last", <${own}1>; rel="first"`,
    )
    const last = await rest('GET', `${at}/branches?per_page=2&page=3`)
    expect(last.headers.get('link')).toBe(`<${own}2>; rel="prev", <${own}1>; rel="first"`)
  })
})

test('a write whose answer got lost has landed', async () => {
  const { server, first, graphql } = await config()
  await using _ = server
  server.fail({ match: '/graphql', kind: 'drop-answer' })
  await expect(graphql(commitMutation, commitInput(first, 'app.yaml', 'tag: "2"\n'))).rejects.toThrow(
    'fetch failed',
  )
  expect(await server.git.read('acme/config', 'main', 'app.yaml')).toBe('tag: "2"\n')
})

test('who goes away in the middle of a request changes nothing and breaks no rule', async () => {
  const { server, first, rest } = await config({})
  await using _ = server
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  const header = `PATCH /api/v3${at}/git/refs/heads/main HTTP/1.1\r\nhost: x\r\nuser-agent: x\r\ncontent-length: 90\r\n\r\n{`
  await new Promise<void>(sent => socket.write(header, () => sent()))
  while (!server.requests.some(({ method }) => method === 'PATCH')) await rest('GET', '/rate_limit')
  socket.destroy()
  const moved = await rest('PATCH', `${at}/git/refs/heads/main`, { sha: first })
  expect([moved.status, server.violations]).toEqual([200, []])
})

test('git beside it has the same repositories and wants the same tokens', async () => {
  const { server, first } = await config({ tokens: { one: {}, other: {} } })
  await using _ = server
  const refs = `${server.gitOrigin}/acme/config.git/info/refs?service=git-upload-pack`
  const ask = (token: string) =>
    fetch(refs, {
      headers: { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` },
    })
  expect(await (await ask('other')).text()).toContain(first)
  expect((await ask('none')).status).toBe(401)
})

describe('what is said of a commit', () => {
  test.each<{ what: string; wish: object; message: string }>`
    what                   | wish                                                  | message
    ${'a long sentence'}   | ${{ state: 'success', description: 'x'.repeat(141) }} | ${'too long'}
    ${'an emoji'}          | ${{ state: 'success', description: '\u{1f41b}' }}     | ${'4-byte Unicode'}
    ${'the 1001st status'} | ${{ state: 'success', context: 'full' }}              | ${'maximum number of statuses'}
  `('$what is refused', async ({ wish, message }) => {
    const { server, first, rest } = await config()
    await using _ = server
    const status = { state: 'success', context: 'full', description: null, target: null }
    // As many requests would take their time.
    const kept = server.statuses('acme/config') as unknown[] // oxlint-disable-line no-unsafe-type-assertion -- it is
    for (let id = 0; id < 1000; id++) kept.push({ ...status, id, sha: first, author: 'x', created: '' })
    const { status: code, body } = await rest('POST', `${at}/statuses/${first}`, wish)
    expect([code, body.errors[0].message]).toEqual([422, expect.stringContaining(message)])
  })

  test.each([
    ['statuses/1111111111111111111111111111111111111111', { state: 'success' }, 'No commit found for SHA'],
    ['deployments', { ref: '1111111111111111111111111111111111111111' }, 'No ref found for'],
  ])('%s of a commit that is not there: 422', async (path, wish, message) => {
    const { server, rest } = await config()
    await using _ = server
    const { status, body } = await rest('POST', `${at}/${path}`, wish)
    expect([status, body.message]).toEqual([422, expect.stringContaining(message)])
  })

  test('what was live in an environment is inactive once something newer is', async () => {
    const { server, rest } = await config()
    await using _ = server
    const deploy = async (environment: string) => {
      const { body } = await rest('POST', `${at}/deployments`, { ref: 'main', environment })
      const said = await rest('POST', `${at}/deployments/${body.id}/statuses`, { state: 'success' })
      expect(said.status).toBe(201)
    }
    for (const environment of ['staging', 'prod', 'prod']) await deploy(environment)
    const newest = server.deployments('acme/config').map(({ statuses }) => statuses.at(-1)?.state)
    expect(newest).toEqual(['success', 'inactive', 'success'])
  })
})
