import { describe, expect, test } from '@jest/globals'
import { createGitHub } from '@gitops-relay/github'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { apiRepository } from './api-repository.ts'
import type { Fault } from '@gitops-relay/testing'
import { directoryMatcher } from './api-tree.ts'
import { land } from './landing.ts'
import { gitHubPlace } from './place.ts'
import type { FilePatterns, Head } from './types.ts'
import { repositoryUrl } from './url.ts'
import { readVerification } from './verification.ts'
import { gitHubWorld } from './world-github.ts'
import { draft, fight } from './world.ts'

const files = {
  'envs/prod/app.yaml': 'tag: 1\n',
  'envs/dev/app.yaml': 'tag: 1\n',
  'README.md': 'hello\n',
}

async function world(options: Parameters<typeof gitHubWorld>[1] = {}, mustVerify = false) {
  const at = await gitHubWorld(files, options)
  // The script needs its bit, which a plain map of texts cannot say.
  const script = (await at.server.git('acme/config', 'rev-parse', 'main:README.md')).trim()
  await at.server.git('acme/config', 'read-tree', 'main')
  await at.server.git('acme/config', 'update-index', '--add', '--cacheinfo', `100755,${script},bin/deploy.sh`)
  const tree = (await at.server.git('acme/config', 'write-tree')).trim()
  const base = (await at.server.git('acme/config', 'commit-tree', '-p', 'main', '-m', 'script', tree)).trim()
  await at.server.git('acme/config', 'update-ref', 'refs/heads/main', base)
  const http = createHttp({ random: () => 0.01 })
  const github = createGitHub({ apiUrl: at.api.url, graphqlUrl: `${at.api.url}/graphql`, token: 't', http })
  const repository = apiRepository({ github, owner: 'acme', repo: 'config', branch: '', mustVerify })
  return { ...at, base, github, repository }
}

const limits = { signal: new AbortController().signal, deadline: Date.now() + 60_000 }
const names = (at: Awaited<ReturnType<typeof world>>) =>
  at.asked.map(({ route }) => route.replaceAll(/[\da-f]{40}/g, '#'))

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
  expect(landed).toMatchObject({ attempts: 1, commit: await at.server.head('acme/config', 'main') })
  expect(names(at)).toEqual([
    'GET ',
    'GET /git/ref/heads/main',
    'GET /git/trees/#',
    'GET /git/blobs/#',
    'createCommitOnBranch',
  ])
  const changed = await at.server.git('acme/config', 'diff', '--raw', at.base, 'main')
  expect(changed).toMatch(/^:100644 100644 \w+ \w+ M\tenvs\/prod\/app\.yaml\n$/)
  const [commit] = await at.server.log('acme/config', 'main')
  expect(commit?.message).toMatch(/^bump\n\nChange-Id: [^\n]+\n*$/)
})

test('a rival that comes between is kept: what is stale is read and edited again', async () => {
  await using at = await world()
  at.api.fail({
    match: 'graphql',
    kind: 'meanwhile',
    act: () => at.server.commit('acme/config', 'main', { 'envs/prod/app.yaml': 'tag: 7\n' }, 'rival'),
  })
  const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(landed).toMatchObject({ attempts: 2, result: 'tag: 8\n' })
  expect(await at.server.read('acme/config', 'main', 'envs/prod/app.yaml')).toBe('tag: 8\n')
})

describe('an executable file keeps its mode', () => {
  test('by the Git database', async () => {
    await using at = await world()
    await land(at.repository, raise('bin/deploy.sh'), fight())
    expect(names(at).slice(4)).toEqual([
      'GET /git/commits/#',
      'POST /git/trees',
      'GET /git/trees/#',
      'GET /git/trees/#',
      'POST /git/commits',
      'PATCH /git/refs/heads/main',
    ])
    const changed = await at.server.git('acme/config', 'diff', '--raw', at.base, 'main')
    expect(changed).toMatch(/^:100755 100755 \w+ \w+ M\tbin\/deploy\.sh\n$/)
  })

  test('against a rival: no fast-forward, so edited again', async () => {
    await using at = await world()
    const act = () => at.server.commit('acme/config', 'main', { 'README.md': 'rival\n' }, 'rival')
    at.api.fail({ match: /PATCH/, kind: 'meanwhile', act })
    const landed = await land(at.repository, raise('bin/deploy.sh'), fight())
    expect(landed.attempts).toBe(2)
    expect(await at.server.read('acme/config', 'main', 'README.md')).toBe('rival\n')
  })

  test('and without a signature nothing is put on the branch, where one is demanded', async () => {
    await using at = await world({ verified: false }, true)
    const landing = land(at.repository, raise('bin/deploy.sh'), fight())
    await expect(landing).rejects.toMatchObject({ code: 'not-verified' })
    expect(await at.server.head('acme/config', 'main')).toBe(at.base)
  })
})

describe('a fault at any request ends with one commit', () => {
  test.each(
    [/config$/, 'git/ref', 'git/trees', 'git/blobs', 'graphql'].flatMap(match =>
      [
        { kind: 'status' as const, status: 502 },
        {
          kind: 'status' as const,
          status: 200,
          body: '<html>a proxy</html>',
          headers: { 'content-type': 'text/html' },
        },
        { kind: 'reset' as const },
        { kind: 'drop-answer' as const },
        { kind: 'truncate' as const },
      ].map((fault): Fault => ({ match, ...fault })),
    ),
  )('%j', async fault => {
    await using at = await world()
    at.api.fail(fault)
    const landed = await land(at.repository, raise('envs/prod/app.yaml'), fight())
    expect(landed.commit).toBe(await at.server.head('acme/config', 'main'))
    expect(await at.server.log('acme/config', 'main')).toHaveLength(3)
  })
})

test('a file that arrives damaged is read again', async () => {
  await using at = await world()
  const content = Buffer.from('tag: 7\n').toString('base64')
  const body = JSON.stringify({ encoding: 'base64', content })
  at.refuse('git/blobs', { status: 200, headers: { 'content-type': 'application/json' }, body })
  expect((await land(at.repository, raise('envs/prod/app.yaml'), fight())).result).toBe('tag: 2\n')
})

describe('what only a person can mend', () => {
  test.each<{ code: string; refused: string; status: number | string; said: string }>`
    code                  | refused                   | status             | said
    ${'no-repository'}    | ${'GET '}                 | ${404}             | ${'Not Found'}
    ${'no-branch'}        | ${'git/ref'}              | ${404}             | ${'Not Found'}
    ${'unauthorized'}     | ${'git/ref'}              | ${401}             | ${'Bad credentials'}
    ${'no-permission'}    | ${'createCommitOnBranch'} | ${'FORBIDDEN'}     | ${'Resource not accessible by integration'}
    ${'branch-protected'} | ${'createCommitOnBranch'} | ${'UNPROCESSABLE'} | ${'Repository rule violations found\n\nChanges must be made through a pull request.'}
    ${'no-permission'}    | ${'createCommitOnBranch'} | ${'UNPROCESSABLE'} | ${'refusing to allow a GitHub App to create or update workflow `a.yml` without `workflows` permission'}
  `('$code: $said', async ({ code, refused, status, said }) => {
    await using at = await world()
    at.refuse(refused, typeof status === 'number' ? at.said(status, said) : at.errors(status, said))
    const landing = land(at.repository, raise('envs/prod/app.yaml'), fight())
    await expect(landing).rejects.toMatchObject({ name: 'UserError', code })
    expect(await at.server.head('acme/config', 'main')).toBe(at.base)
  })
})

test('ten writers at once all land, in a line', async () => {
  await using at = await world()
  const writers = Array.from({ length: 10 }, async () => {
    const repository = apiRepository({
      github: at.github,
      owner: 'acme',
      repo: 'config',
      branch: 'main',
      mustVerify: false,
    })
    return land(repository, raise('envs/dev/app.yaml'), fight())
  })
  await Promise.all(writers)
  expect(await at.server.read('acme/config', 'main', 'envs/dev/app.yaml')).toBe('tag: 11\n')
})

test('a tree that is too large for one answer is read on the way to the files alone', async () => {
  await using at = await world({ truncated: true })
  await land(at.repository, raise('envs/prod/app.yaml'), fight())
  expect(await at.server.read('acme/config', 'main', 'envs/prod/app.yaml')).toBe('tag: 2\n')
  expect(names(at).filter(name => name.includes('trees'))).toHaveLength(4)
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
    shas.push(await at.server.commit('acme/config', 'main', { 'README.md': text }, text))
  const head = await at.repository.head(limits)
  expect((await head.history()).map(({ commit }) => commit).slice(0, 3)).toEqual(shas.toReversed())
  expect((await head.history(shas[0])).map(({ commit }) => commit)).toEqual([shas[2], shas[1]])
})

test('whether GitHub calls a commit verified is read back', async () => {
  await using at = await world({ verified: false })
  at.refuse('git/commits', at.said(404, 'Not Found'))
  const found = await readVerification(at.github, { owner: 'acme', repo: 'config' }, at.base, {
    clock: { ...systemClock, sleep: () => Promise.resolve() },
    signal: limits.signal,
  })
  expect(found).toEqual({ verified: false, reason: 'unsigned' })
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
