import { describe, expect, test } from '@jest/globals'
import { createGitHub } from '@gitops-relay/github'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { inLane } from '../../../test/lane.ts'
import { apiRepository } from './api-repository.ts'
import { githubServer, type Fault, type GitHubServerOptions } from '@gitops-relay/testing'
import { directoryMatcher } from './api-tree.ts'
import { land } from './landing.ts'
import { gitHubPlace } from './place.ts'
import type { FilePatterns, Head } from './types.ts'
import { repositoryUrl } from './url.ts'
import { readVerification } from './verification.ts'
import { draft, fight } from './world.ts'

const repo = 'acme/config'
const files = {
  'envs/prod/app.yaml': 'tag: 1\n',
  'envs/dev/app.yaml': 'tag: 1\n',
  'README.md': 'hello\n',
  'bin/deploy.sh': { mode: '100755' as const, content: 'hello\n' },
}

/** A GitHub, whose every request and answer is held against GitHub's own description. */
async function world(options: GitHubServerOptions = {}, mustVerify = false) {
  const server = await githubServer(options)
  const base = await server.createRepository(repo, files)
  const { url: apiUrl, graphqlUrl, git } = server
  const github = createGitHub({ apiUrl, graphqlUrl, token: 't', http: createHttp({ random: () => 0.01 }) })
  const open = () => apiRepository({ github, owner: 'acme', repo: 'config', branch: '', mustVerify })
  return {
    server,
    git,
    base,
    github,
    open,
    repository: open(),
    head: () => git.head(repo, 'main'),
    read: (path: string) => git.read(repo, 'main', path),
    asked: () =>
      server.requests.map(
        ({ method, path }) =>
          `${method} ${path.replace(/^.*?\/v3(?:\/repos\/acme\/config)?/, '').replaceAll(/[\da-f]{40}/g, '#')}`,
      ),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const said = (status: number, message: string) =>
  answer(status, { message, documentation_url: 'https://docs.github.com', status: String(status) })
const errors = (type: string, message: string) => answer(200, { data: null, errors: [{ type, message }] })
const answer = (status: number, body: unknown) => ({
  kind: 'status' as const,
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const limits = { signal: new AbortController().signal, deadline: Date.now() + 60_000 }
/** Reads what stands there and raises it by one, as every bump does. */
const raise = (path: string) => async (head: Head) => {
  const [file] = await head.files([{ paths: [path] }])
  const text = Buffer.from(file?.bytes ?? '').toString()
  const now = text.replace(/\d+/, number => String(Number(number) + 1)).replace('hello', 'hello 1')
  return { result: now, draft: draft({ [path]: now }) }
}

test('a commit lands with few requests, and changes nothing else', async () => {
  await using at = await world()
  const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(landed).toMatchObject({ attempts: 1, commit: await at.head() })
  expect(at.asked()).toEqual([
    'GET ',
    'GET /git/ref/heads%2Fmain',
    'GET /git/trees/#?recursive=1',
    'GET /git/blobs/#',
    'POST /api/graphql',
  ])
  const changed = await at.git.git(repo, 'diff', '--raw', at.base, 'main')
  expect(changed).toMatch(/^:100644 100644 \w+ \w+ M\tenvs\/prod\/app\.yaml\n$/)
  const [commit] = await at.git.log(repo, 'main')
  expect(commit?.message).toMatch(/^bump\n\nChange-Id: [^\n]+\n*$/)
})

test('a rival that comes between is kept: what is stale is read and edited again', async () => {
  await using at = await world()
  at.server.fail({
    match: 'graphql',
    kind: 'meanwhile',
    act: () => at.server.commit(repo, 'main', { 'envs/prod/app.yaml': 'tag: 7\n' }, 'rival'),
  })
  const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(landed).toMatchObject({ attempts: 2, result: 'tag: 8\n' })
  expect(await at.read('envs/prod/app.yaml')).toBe('tag: 8\n')
})

describe('an executable file keeps its mode', () => {
  test('by the Git database', async () => {
    await using at = await world()
    await land(at.repository, raise('bin/deploy.sh'), fight())
    expect(at.asked().slice(4)).toEqual([
      'GET /git/commits/#',
      'POST /git/trees',
      'GET /git/trees/#?recursive=1',
      'GET /git/trees/#?recursive=1',
      'POST /git/commits',
      'PATCH /git/refs/heads%2Fmain',
    ])
    const changed = await at.git.git(repo, 'diff', '--raw', at.base, 'main')
    expect(changed).toMatch(/^:100755 100755 \w+ \w+ M\tbin\/deploy\.sh\n$/)
  })

  test('against a rival: no fast-forward, so edited again', async () => {
    await using at = await world()
    const act = () => at.server.commit(repo, 'main', { 'README.md': 'rival\n' }, 'rival')
    at.server.fail({ match: /PATCH/, kind: 'meanwhile', act })
    const landed = await land(at.repository, raise('bin/deploy.sh'), fight())
    expect(landed.attempts).toBe(2)
    expect(await at.read('README.md')).toBe('rival\n')
  })

  test('and without a signature nothing is put on the branch, where one is demanded', async () => {
    await using at = await world({ tokens: { t: { login: 'anna' } } }, true)
    const landing = land(at.repository, raise('bin/deploy.sh'), fight())
    await expect(landing).rejects.toMatchObject({ code: 'not-verified' })
    expect(await at.head()).toBe(at.base)
  })
})

describe('a fault at any request ends with one commit', () => {
  test.each(
    [/config$/, 'git/ref', 'git/trees', 'git/blobs', 'graphql'].flatMap(match =>
      [
        { kind: 'status' as const, status: 502 },
        { kind: 'drop-answer' as const },
        ...inLane<Omit<Fault, 'match'>[]>(
          [],
          [
            {
              kind: 'status',
              status: 200,
              body: '<html>a proxy</html>',
              headers: { 'content-type': 'text/html' },
            },
            { kind: 'reset' },
            { kind: 'truncate' },
          ],
        ),
      ].map((fault): Fault => ({ match, ...fault })),
    ),
  )('%j', async fault => {
    await using at = await world()
    at.server.fail(fault)
    const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
    expect(landed.commit).toBe(await at.head())
    expect(await at.git.log(repo, 'main')).toHaveLength(2)
  })
})

test('a file that arrives damaged is read again', async () => {
  await using at = await world()
  const content = Buffer.from('tag: 7\n').toString('base64')
  const body = { encoding: 'base64', content, sha: '', size: 7, url: '', node_id: '' }
  at.server.fail({ match: 'git/blobs', ...answer(200, body) })
  expect((await land(at.repository, raise('envs/prod/app.yaml'), fight())).result).toBe('tag: 2\n')
})

describe('what only a person can mend', () => {
  test.each<{ code: string; refused: string | RegExp; status: number | string; message: string }>`
    code                  | refused      | status             | message
    ${'no-repository'}    | ${/config$/} | ${404}             | ${'Not Found'}
    ${'no-branch'}        | ${'git/ref'} | ${404}             | ${'Not Found'}
    ${'unauthorized'}     | ${'git/ref'} | ${401}             | ${'Bad credentials'}
    ${'no-permission'}    | ${'graphql'} | ${'FORBIDDEN'}     | ${'Resource not accessible by integration'}
    ${'branch-protected'} | ${'graphql'} | ${'UNPROCESSABLE'} | ${'Repository rule violations found\n\nChanges must be made through a pull request.'}
    ${'no-permission'}    | ${'graphql'} | ${'UNPROCESSABLE'} | ${'refusing to allow a GitHub App to create or update workflow `a.yml` without `workflows` permission'}
  `('$code: $message', async ({ code, refused, status, message }) => {
    await using at = await world()
    const refusal = typeof status === 'number' ? said(status, message) : errors(status, message)
    at.server.fail({ match: refused, ...refusal })
    const landing = land(at.repository, raise('envs/prod/app.yaml'), fight())
    await expect(landing).rejects.toMatchObject({ name: 'UserError', code })
    expect(await at.head()).toBe(at.base)
  })
})

test('five writers at once all land, in a line', async () => {
  await using at = await world()
  const writers = Array.from({ length: 5 }, () => land(at.open(), raise('envs/dev/app.yaml'), fight()))
  await Promise.all(writers)
  expect(await at.read('envs/dev/app.yaml')).toBe('tag: 6\n')
}, 60_000)

test('a tree that is too large for one answer is read on the way to the files alone', async () => {
  await using at = await world({ treeEntries: 5 })
  await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(await at.read('envs/prod/app.yaml')).toBe('tag: 2\n')
  expect(at.asked().filter(name => name.includes('trees'))).toHaveLength(4)
})

test.each<{ pattern: FilePatterns; folder: string; isOnTheWay: boolean }>`
  pattern                    | folder        | isOnTheWay
  ${{ paths: ['a/b.yaml'] }} | ${'a'}        | ${true}
  ${{ paths: ['a/b.yaml'] }} | ${'b'}        | ${false}
  ${{ globs: ['a/*/c'] }}    | ${'a/x'}      | ${true}
  ${{ globs: ['a/*/c'] }}    | ${'ab'}       | ${false}
  ${{ globs: ['**/c'] }}     | ${'anything'} | ${true}
  ${{ globs: ['a', '!b'] }}  | ${'b'}        | ${false}
`('$folder for $pattern: $isOnTheWay', ({ pattern, folder, isOnTheWay }) => {
  expect(directoryMatcher([pattern])(folder)).toBe(isOnTheWay)
})

test('the history is that of the branch, and what is new since', async () => {
  await using at = await world()
  const shas = []
  for (const text of ['a\n', 'b\n', 'c\n'])
    shas.push(await at.server.commit(repo, 'main', { 'README.md': text }, text))
  const head = await at.repository.head(limits)
  expect((await head.history()).map(({ commit }) => commit).slice(0, 3)).toEqual(shas.toReversed())
  expect((await head.history(shas[0])).map(({ commit }) => commit)).toEqual([shas[2], shas[1]])
})

test('whether GitHub calls a commit verified is read back, also a moment later', async () => {
  await using at = await world()
  at.server.fail({ match: 'git/commits', ...said(404, 'Not Found') })
  const clock = { ...systemClock, sleep: () => Promise.resolve() }
  const read = (commit: string) =>
    readVerification(at.github, { owner: 'acme', repo: 'config' }, commit, { clock, signal: limits.signal })
  expect(await read(at.base)).toEqual({ verified: false, reason: 'unsigned' })
  const { commit } = await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(await read(String(commit))).toEqual({ verified: true, reason: 'valid' })
})

test('a head that is older than what was just written is not believed', async () => {
  await using at = await world()
  await at.server.lag(repo, 'main', 2)
  at.server.fail({ match: 'graphql', kind: 'drop-answer' })
  const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(await at.read('envs/prod/app.yaml')).toBe('tag: 2\n')
  expect(landed.commit).toBe(await at.head())
})

describe('which GitHub a URL means', () => {
  const run = {
    serverUrl: 'https://github.example',
    apiUrl: 'https://github.example/api/v3',
    graphqlUrl: 'https://github.example/api/graphql',
  }
  test.each<{ url: string; place: unknown }>`
    url                                       | place
    ${'acme/config'}                          | ${{ owner: 'acme', repo: 'config', ...run, serverUrl: undefined }}
    ${'https://github.com/acme/config.git'}   | ${{ owner: 'acme', repo: 'config', apiUrl: 'https://api.github.com', graphqlUrl: 'https://api.github.com/graphql' }}
    ${'git@github.com:acme/config.git'}       | ${{ owner: 'acme', repo: 'config', apiUrl: 'https://api.github.com', graphqlUrl: 'https://api.github.com/graphql' }}
    ${'ssh://git@github.example/acme/config'} | ${{ owner: 'acme', repo: 'config', ...run, serverUrl: undefined }}
    ${'https://gitlab.example/acme/config'}   | ${undefined}
    ${'https://github.com/acme/deep/config'}  | ${undefined}
    ${'file:///srv/acme/config'}              | ${undefined}
  `('$url', ({ url, place }) => {
    expect(gitHubPlace(repositoryUrl(url, run.serverUrl), run)).toEqual(place)
  })
})
