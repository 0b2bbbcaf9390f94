import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { systemClock } from '@gitops-relay/http/clock'
import { gitServer, temporaryDirectory, type Fault } from '@gitops-relay/testing'
import { land, LandingStopped } from './landing.ts'
import type { Head } from './types.ts'
import { draft, fight, openRepository } from './world.ts'

const files = {
  'app.yaml': 'tag: 0 # keep\n',
  'db.yaml': 'tag: 0\n',
  'run.sh': { mode: '100755', content: 'a\n' },
} as const

/** Adds a line to a file, as whoever edits what is there. */
const addLine =
  (line: string, path = 'app.yaml', changeId?: string) =>
  async (head: Head) => {
    const [file] = await head.files([{ paths: [path] }])
    const text = Buffer.from(file?.bytes ?? []).toString()
    return { result: line, draft: draft({ [path]: `${text}${line}\n` }, changeId) }
  }

async function world(options: { token?: string } = {}) {
  const server = await gitServer(options)
  const directory = await temporaryDirectory()
  await server.createRepository('config', files)
  return {
    server,
    open: (settings: Parameters<typeof openRepository>[2] = {}) =>
      openRepository(directory.path, server.url('config'), { ...options, ...settings }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

test('a commit lands on the head, with few requests, and changes nothing else', async () => {
  await using at = await world()
  const base = await at.server.head('config', 'main')
  const landed = await land(await at.open(), addLine('a', 'run.sh'), fight())
  expect(landed).toMatchObject({ result: 'a', attempts: 1, base: { commit: base, branch: 'main' } })
  expect(landed.commit).toBe(await at.server.head('config', 'main'))
  expect(await at.server.git('config', 'diff', '--stat=200', '--summary', base, 'main')).toContain(
    '1 file changed',
  )
  expect(await at.server.git('config', 'ls-tree', 'main', 'run.sh')).toMatch(/^100755/)
  expect(await at.server.log('config', 'main')).toMatchObject([
    { author: 'Robot <robot@test.invalid>', parents: [base] },
    { parents: [] },
  ])
  expect(at.server.requests.length).toBeLessThanOrEqual(8)
})

test('without a branch the default one is asked for', async () => {
  await using server = await gitServer()
  await using directory = await temporaryDirectory()
  await server.createRepository('config', files, 'trunk')
  const repository = await openRepository(directory.path, server.url('config'), { branch: '' })
  const { base } = await land(repository, addLine('a'), fight())
  expect(base.branch).toBe('trunk')
  expect(await server.read('config', 'trunk', 'app.yaml')).toBe('tag: 0 # keep\na\n')
})

test('a rival that comes between is kept: the edit is made again on the new head', async () => {
  await using at = await world()
  const rival = () => at.server.commit('config', 'main', { 'app.yaml': 'tag: 0 # keep\nrival\n' }, 'rival')
  at.server.fail({ match: 'git-receive-pack', kind: 'meanwhile', act: rival })
  at.server.fail({
    match: /POST .*git-receive-pack/,
    kind: 'meanwhile',
    act: () => at.server.commit('config', 'main', { 'db.yaml': 'tag: 9\n' }, 'rival 2'),
  })
  const { attempts } = await land(await at.open(), addLine('a'), fight())
  expect(attempts).toBe(3)
  expect(await at.server.read('config', 'main', 'app.yaml')).toBe('tag: 0 # keep\nrival\na\n')
  expect(await at.server.log('config', 'main')).toHaveLength(4)
})

describe('an answer that was lost', () => {
  test.each<{ fault: Omit<Fault, 'match'>; attempts: number }>`
    fault                                    | attempts
    ${{ kind: 'drop-answer' }}               | ${1}
    ${{ kind: 'drop-connection' }}           | ${1}
    ${{ kind: 'drop-connection', times: 2 }} | ${1}
    ${{ kind: 'truncate' }}                  | ${1}
    ${{ kind: 'reset' }}                     | ${1}
    ${{ kind: 'reset', times: 3 }}           | ${3}
    ${{ kind: 'status', status: 503 }}       | ${2}
    ${{ kind: 'status', status: 429 }}       | ${2}
  `('after $fault: one commit', async ({ fault, attempts }) => {
    await using at = await world()
    at.server.fail({ ...fault, match: /POST .*git-receive-pack/ })
    const landed = await land(await at.open(), addLine('a'), fight())
    const log = await at.server.log('config', 'main')
    expect(log).toHaveLength(2)
    expect(landed.commit).toBe(log[0]?.sha)
    expect(landed.attempts).toBeLessThanOrEqual(attempts)
  })

  test('is found below the commits of others', async () => {
    await using at = await world()
    at.server.fail({ match: /POST .*git-receive-pack/, kind: 'drop-answer' })
    const others = () => at.server.commit('config', 'main', { 'db.yaml': `${Math.random()}\n` }, 'other')
    const act = async () => void (await others(), await others(), await others())
    // The head, its commits, a tree and a file were read before the push; what comes next looks for our commit.
    at.server.fail({ match: /POST .*git-upload-pack/, after: 4, kind: 'meanwhile', act })
    const landed = await land(await at.open(), addLine('a'), fight())
    const log = await at.server.log('config', 'main')
    expect(log.map(({ sha }) => sha).indexOf(landed.commit ?? '')).toBe(3)
    expect(landed.attempts).toBe(1)
  })
})

test('reads that fail for a while are tried again', async () => {
  await using at = await world()
  at.server.fail({ match: 'git-upload-pack', kind: 'status', status: 502, times: 2 })
  at.server.fail({ match: 'info/refs?service=git-upload-pack', kind: 'reset', after: 1 })
  expect(await land(await at.open(), addLine('a'), fight())).toMatchObject({ attempts: 1 })
})

test('a repository on this machine, whose server knows no partial clones', async () => {
  await using at = await world()
  await at.server.git('config', 'config', 'uploadpack.allowFilter', 'false')
  await using directory = await temporaryDirectory()
  const repository = await openRepository(directory.path, `file://${at.server.directory('config')}`)
  const { commit } = await land(repository, addLine('a'), fight())
  expect(commit).toBe(await at.server.head('config', 'main'))
})

test('a host where nobody is stops soon', async () => {
  await using directory = await temporaryDirectory()
  const repository = await openRepository(directory.path, 'http://127.0.0.1:1/config')
  const patient = fight({ random: () => 0 })
  await expect(land(repository, addLine('a'), patient)).rejects.toMatchObject({ code: 'unreachable' })
})

test('stopped between two tries: what the first one did is looked up', async () => {
  await using at = await world()
  const controller = new AbortController()
  at.server.fail({ match: /POST .*git-receive-pack/, kind: 'drop-connection', times: 9 })
  const say = () => controller.abort(new Error('cancel'))
  const landing = land(await at.open(), addLine('a'), fight({ signal: controller.signal, say }))
  const stopped = await landing.catch((error: unknown) => error)
  expect(stopped).toMatchObject({
    name: 'LandingStopped',
    remote: 'landed',
    commit: await at.server.head('config', 'main'),
  })
})

describe('what only a person can mend', () => {
  test.each<{ code: string; prepare: { token?: string; branch?: string; status?: number } }>`
    code               | prepare
    ${'unauthorized'}  | ${{ token: 'wrong' }}
    ${'no-branch'}     | ${{ branch: 'nowhere' }}
    ${'no-repository'} | ${{ status: 404 }}
    ${'no-permission'} | ${{ status: 403 }}
    ${'redirected'}    | ${{ status: 301 }}
  `('is $code', async ({ code, prepare }) => {
    await using at = await world({ token: 'right' })
    if (prepare.status) {
      const headers = { location: `${at.server.origin}/other.git/info/refs?service=git-receive-pack` }
      at.server.fail({ match: 'info/refs', kind: 'status', status: prepare.status, headers, times: 9 })
    }
    const landing = land(await at.open(prepare), addLine('a'), fight())
    await expect(landing).rejects.toMatchObject({ name: 'UserError', code })
    expect(await at.server.log('config', 'main')).toHaveLength(1)
  })

  test('is a hook that declines, in its own words', async () => {
    await using at = await world()
    const hook = `${at.server.directory('config')}/hooks/pre-receive`
    await mkdir(`${at.server.directory('config')}/hooks`, { recursive: true })
    await writeFile(hook, '#!/bin/sh\necho "error: GH013: Repository rule violations found" >&2\nexit 1\n', {
      mode: 0o755,
    })
    await expect(land(await at.open(), addLine('a'), fight())).rejects.toMatchObject({
      code: 'branch-protected',
    })
  })
})

test('out of time says that nothing was pushed', async () => {
  await using at = await world()
  at.server.fail({ match: 'info/refs?service=git-receive-pack', kind: 'status', status: 503, times: 99 })
  await expect(land(await at.open(), addLine('a'), fight({ timeout: 1500 }))).rejects.toMatchObject({
    code: 'timeout',
  })
})

test.each(['moved', 'unclear'] as const)(
  'out of time after an answer that was %s: looks once more',
  async kind => {
    await using at = await world()
    const repository = await at.open()
    let later = 0
    const push: typeof repository.push = async (...given) => {
      await repository.push(...given)
      later = 30_000
      return { kind, detail: 'is at our own commit' }
    }
    const clock = { ...systemClock, now: () => Date.now() + later }
    const landed = await land({ ...repository, push }, addLine('a'), fight({ clock }))
    expect(landed).toMatchObject({ attempts: 1, commit: await at.server.head('config', 'main') })
  },
)

test('stopped while the push is on its way: looks once whether it landed', async () => {
  await using at = await world()
  const controller = new AbortController()
  at.server.fail({ match: /POST .*git-receive-pack/, kind: 'hang' })
  at.server.fail({
    match: 'info/refs?service=git-receive-pack',
    kind: 'meanwhile',
    act: () => setTimeout(() => controller.abort(new Error('cancel')), 300),
  })
  const landing = land(await at.open(), addLine('a'), fight({ signal: controller.signal }))
  await expect(landing).rejects.toBeInstanceOf(LandingStopped)
  await expect(landing).rejects.toMatchObject({ remote: 'unknown' })
})

test("the token goes as one header, and neither the user's git settings nor hooks have a say", async () => {
  await using at = await world({ token: 's3cr3t' })
  await using home = await temporaryDirectory()
  await writeFile(
    `${home.path}/.gitconfig`,
    '[http]\n\textraheader = Authorization: Basic eDp5\n[core]\n\thooksPath = /nowhere\n',
  )
  const env = {
    ...process.env,
    HOME: home.path,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraheader',
    GIT_CONFIG_VALUE_0: 'X: y',
    GIT_DIR: '/nowhere',
  }
  await using directory = await temporaryDirectory()
  const repository = await openRepository(directory.path, at.server.url('config'), { token: 's3cr3t', env })
  expect(await land(repository, addLine('a'), fight())).toMatchObject({ attempts: 1 })
  const forms = ['s3cr3t', Buffer.from('x-access-token:s3cr3t').toString('base64')]
  for (const entry of await readdir(directory.path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = await readFile(`${entry.parentPath}/${entry.name}`, 'latin1')
    expect(forms.filter(form => content.includes(form))).toEqual([])
  }
})

test('credentials of the machine are not used', async () => {
  await using at = await world({ token: 's3cr3t' })
  await using home = await temporaryDirectory()
  await writeFile(`${home.path}/.netrc`, 'machine 127.0.0.1 login x password s3cr3t\n')
  const repository = await openRepository(home.path, at.server.url('config'), {
    env: { ...process.env, HOME: home.path },
  })
  await expect(land(repository, addLine('a'), fight())).rejects.toMatchObject({ code: 'unauthorized' })
})
