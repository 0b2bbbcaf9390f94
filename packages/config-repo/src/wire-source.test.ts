import { describe, expect, test } from '@jest/globals'
import { gitServer, temporaryDirectory, type GitServer } from '@gitops-relay/testing'
import { land } from './landing.ts'
import type { FilePatterns, Head } from './types.ts'
import { draft, fight, openRepository } from './world.ts'

const deep = 'apps/shop/overlays/staging/kustomization.yaml'
const files: Record<string, string> = Object.fromEntries([
  ['README.md', 'r\n'],
  ...Array.from({ length: 300 }, (_, index) => [
    `apps/app-${index}/overlays/staging/kustomization.yaml`,
    `${index}\n`,
  ]),
  [deep, 'tag: 1\n'],
  ['clusters/one.yaml', 'one\n'],
])

async function world(server: GitServer) {
  await server.createRepository('config', files)
  const directory = await temporaryDirectory()
  const repository = await openRepository(directory.path, server.url('config'))
  const limits = { signal: new AbortController().signal, deadline: Date.now() + 30_000 }
  const posts = () => server.requests.filter(({ path }) => path.endsWith('/git-upload-pack')).length
  return { directory, repository, limits, posts }
}

const read = async (head: Head, ...patterns: FilePatterns[]) =>
  (await head.files(patterns)).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])

const set = (path: string, text: string) => async (head: Head) => {
  const [file] = await head.files([{ paths: [path] }])
  if (file === undefined) throw new Error('no file')
  return { draft: draft({ [path]: text }), result: '' }
}

describe('only what lies on the way is brought', () => {
  test.each<{ path: string; requests: number }>`
    path                   | requests
    ${'README.md'}         | ${4}
    ${'clusters/one.yaml'} | ${5}
    ${deep}                | ${6}
  `('$path', async ({ path, requests }) => {
    await using server = await gitServer()
    const { directory, repository, limits, posts } = await world(server)
    await using _ = directory
    expect(await read(await repository.head(limits), { paths: [path] })).toEqual([[path, files[path]]])
    expect(posts()).toBe(requests)
    const bytes = server.requests.reduce((sum, { sent }) => sum + sent, 0)
    expect(bytes).toBeLessThan(20_000)
    const landed = await land(repository, set(path, 'new\n'), fight())
    expect(await server.git('config', 'diff', '--name-only', 'main~', 'main')).toBe(`${path}\n`)
    expect(landed.commit).toBe(await server.head('config', 'main'))
  })

  test('a glob brings all trees, and the files that it names', async () => {
    await using server = await gitServer()
    const { directory, repository, limits } = await world(server)
    await using _ = directory
    const head = await repository.head(limits)
    const found = await read(head, { globs: ['apps/app-1*/**/kustomization.yaml'] }, { paths: [deep] })
    expect(found).toHaveLength(112)
    expect(found).toContainEqual([deep, 'tag: 1\n'])
  })
})

test('a later head brings what came on top, however much', async () => {
  await using server = await gitServer()
  const { directory, repository, limits } = await world(server)
  await using _ = directory
  const first = await repository.head(limits)
  await read(first, { paths: [deep] })
  for (let count = 0; count < 60; count++)
    await server.commit('config', 'main', { [deep]: `${count}\n` }, 'other')
  const next = await repository.head(limits)
  expect(await read(next, { paths: [deep] })).toEqual([[deep, '59\n']])
  expect(await next.history(first.commit)).toHaveLength(60)
})

test('a branch that was written anew is read as it is now', async () => {
  await using server = await gitServer()
  const { directory, repository, limits } = await world(server)
  await using _ = directory
  await read(await repository.head(limits), { paths: [deep] })
  await server.git('config', 'update-ref', '-d', 'refs/heads/main')
  await server.commit('config', 'main', { [deep]: 'anew\n' }, 'begin again')
  expect(await read(await repository.head(limits), { paths: [deep] })).toEqual([[deep, 'anew\n']])
})

describe('what the short way cannot do, git does', () => {
  test.each<{ fault: Parameters<GitServer['fail']>[0] }>`
    fault
    ${{ kind: 'status', status: 400 }}
    ${{ kind: 'status', status: 200, body: '<html>' }}
    ${{ kind: 'status', status: 200, body: '000dERR no\n', headers: { 'content-type': 'application/x-git-upload-pack-result' } }}
    ${{ kind: 'truncate' }}
    ${{ kind: 'reset' }}
  `('$fault', async ({ fault }) => {
    await using server = await gitServer()
    const { directory, repository, limits } = await world(server)
    await using _ = directory
    server.fail({ ...fault, match: /POST .*git-upload-pack/ })
    expect(await read(await repository.head(limits), { paths: [deep] })).toEqual([[deep, 'tag: 1\n']])
    expect(server.requests.some(({ method }) => method === 'GET')).toBe(true)
  })
})
