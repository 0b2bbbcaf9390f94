import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import {
  findSecret,
  runAction,
  watchArguments,
  type ActionRun,
  type RunActionOptions,
} from '@gitops-relay/testing'
import { outputs } from '../../actions/build/src/report.ts'
import { forked, HOSTILE, inPairs, leftInTemp, project, shop, type Project } from './project.ts'

const SECRET = 'canary/0123456789+abcdef&XYZ'
const LENGTH = 'printf %s "${ACTIONS_RUNTIME_TOKEN-}" | wc -c'

const build = (
  { path }: Project,
  inputs: Record<string, string> = {},
  { env, ...more }: Partial<RunActionOptions> = {},
) =>
  runAction({
    action: 'build',
    inputs,
    workspace: path,
    env: { ACTIONS_RESULTS_URL: undefined, ACTIONS_CACHE_URL: undefined, ...env },
    ...more,
  })

describe('a project is built', () => {
  test('by what it is made with', async () => {
    await using workspace = await project(await shop())
    await workspace.commit()
    await using run = await build(workspace)
    expect([run.exitCode, run.outputs['result'], run.outputs['reason']]).toEqual([0, 'built', ''])
    expect(JSON.parse(run.outputs['artifact-path'] ?? '')).toEqual([
      'dist/catalog.js',
      'dist/server.js',
      'dist/version.js',
    ])
    expect(JSON.parse(run.outputs['toolchains'] ?? '')).toMatchObject([
      { name: 'npm', root: '.', evidence: 'package-lock.json' },
    ])
    expect([run.outputs['artifact-digest'], run.outputs['input-hash']]).toEqual([
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    ])
    expect([run.annotations, run.orphans, await leftInTemp(run)]).toEqual([[], [], []])
    expect(run.summary).toContain('npm run build')

    await using again = await build(workspace)
    expect(again.outputs).toEqual(run.outputs)
  }, 30_000)

  test('by commands of its own, in a directory of the workspace', async () => {
    await using workspace = await project({ 'app/a.txt': 'one\n' })
    await using run = await build(workspace, {
      toolchain: 'none',
      'working-directory': 'app',
      'install-command': 'mkdir out',
      command: 'false | true || echo a pipe fails with its first part\ncp a.txt out/\ncp a.txt out/b.tmp',
      'artifact-path': 'out\n!**/*.tmp',
    })
    expect([run.exitCode, run.outputs['result'], run.outputs['artifact-path']]).toEqual([
      0,
      'built',
      '["app/out/a.txt"]',
    ])
    expect(run.log).toContain('a pipe fails with its first part')
    expect(JSON.parse(run.outputs['plan'] ?? '')).toMatchObject([
      { toolchain: '', step: 'install', directory: 'app' },
      { toolchain: '', step: 'build', directory: 'app' },
    ])
  }, 30_000)

  test('on a machine without git', async () => {
    await using workspace = await project({ a: '' })
    await workspace.sh('sh', '-c', 'ln -s "$(command -v sh)" sh')
    await using run = await build(
      workspace,
      { toolchain: 'none', command: 'true' },
      { env: { PATH: workspace.path } },
    )
    expect([run.exitCode, run.outputs['reason'], run.outputs['result']]).toEqual([0, '', 'built'])
  }, 30_000)

  test("in a checkout of another user, such as a container's", async () => {
    await using workspace = await project({ Makefile: 'all:\n' })
    await workspace.commit()
    await using run = await build(workspace, {}, { env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } })
    expect([run.exitCode, run.outputs['input-hash']]).toEqual([0, expect.stringMatching(/^sha256:/)])
    await workspace.sh('sh', '-c', 'echo >> Makefile')
    await using other = await build(workspace, {}, { env: { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } })
    expect(other.outputs['input-hash']).not.toBe(run.outputs['input-hash'])
  }, 30_000)
})

const npm = (scripts: object = { build: 'true' }) => JSON.stringify({ name: 'a', version: '1.0.0', scripts })
const script = { toolchain: 'none', command: 'true' }

describe('what a user can mend has one error, with its remedy', () => {
  test.each<{
    inputs: Record<string, string>
    files?: Record<string, string>
    more?: Partial<RunActionOptions>
    code: string
    says: string
  }>`
    inputs                                                                                      | files                                                                       | more                             | code                     | says
    ${{ comand: 'true' }}                                                                       | ${{}}                                                                       | ${{}}                            | ${'unknown-input'}       | ${'"command"'}
    ${{ 'cache-paths': 'a' }}                                                                   | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"cache-paths"'}
    ${{ 'cache-key': 'a' }}                                                                     | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"cache-key"'}
    ${{ cache: 'maybe' }}                                                                       | ${{}}                                                                       | ${{}}                            | ${'bad-value'}           | ${'true, false, restore'}
    ${{ 'cache-suffix': 'a\nb' }}                                                               | ${{}}                                                                       | ${{}}                            | ${'bad-value'}           | ${'single line'}
    ${{ 'dry-run': 'yes' }}                                                                     | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'true or false'}
    ${{ annotations: '1' }}                                                                     | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'"annotations"'}
    ${{ 'allow-untrusted': '-' }}                                                               | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'"allow-untrusted"'}
    ${{ 'working-directory': '../..' }}                                                         | ${{}}                                                                       | ${{}}                            | ${'outside-workspace'}   | ${'relative to the workspace'}
    ${{ 'working-directory': 'app' }}                                                           | ${{}}                                                                       | ${{}}                            | ${'no-directory'}        | ${'"app"'}
    ${{ 'working-directory': 'app' }}                                                           | ${{ app: '' }}                                                              | ${{}}                            | ${'no-directory'}        | ${'Check out'}
    ${{}}                                                                                       | ${{ 'package.json': npm() }}                                                | ${{ event: forked }}             | ${'untrusted-checkout'}  | ${'allow-untrusted'}
    ${{ toolchain: 'rake' }}                                                                    | ${{}}                                                                       | ${{}}                            | ${'unknown-toolchain'}   | ${'"rake"'}
    ${{}}                                                                                       | ${{ 'Cargo.toml': '' }}                                                     | ${{}}                            | ${'not-yet'}             | ${'Cargo.toml'}
    ${{}}                                                                                       | ${{ 'package.json': npm(), 'yarn.lock': '' }}                               | ${{}}                            | ${'not-yet'}             | ${'yarn.lock'}
    ${{}}                                                                                       | ${{ 'package.json': '{"packageManager":"bun@1.2.0"}' }}                     | ${{}}                            | ${'not-yet'}             | ${'"bun"'}
    ${{}}                                                                                       | ${{ 'package.json': npm(), 'package-lock.json': '', 'pnpm-lock.yaml': '' }} | ${{}}                            | ${'ambiguous-toolchain'} | ${'package-lock.json, pnpm-lock.yaml'}
    ${{}}                                                                                       | ${{ 'package.json': '{' }}                                                  | ${{}}                            | ${'bad-package'}         | ${'package.json'}
    ${{}}                                                                                       | ${{}}                                                                       | ${{}}                            | ${'no-toolchain'}        | ${'package.json, go.mod and a Makefile'}
    ${{ toolchain: 'go' }}                                                                      | ${{ 'package.json': npm() }}                                                | ${{}}                            | ${'no-toolchain'}        | ${'"go"'}
    ${{ toolchain: 'none' }}                                                                    | ${{}}                                                                       | ${{}}                            | ${'no-toolchain'}        | ${'"command"'}
    ${{}}                                                                                       | ${{ 'go.mod': 'module a\n' }}                                               | ${{ env: { PATH: '/nowhere' } }} | ${'toolchain-missing'}   | ${'actions/setup-go'}
    ${{ ...script, command: 'exit 3' }}                                                         | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'build command "exit 3" ended with exit code 3'}
    ${{ ...script, command: 'kill -9 $$' }}                                                     | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'SIGKILL'}
    ${{ ...script, 'install-command': 'exit 4' }}                                               | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'install command'}
    ${{}}                                                                                       | ${{ Makefile: 'build:\n\tfalse\n' }}                                        | ${{}}                            | ${'command-failed'}      | ${'make build'}
    ${{ ...script, command: 'echo ENOSPC >&2; exit 1' }}                                        | ${{}}                                                                       | ${{}}                            | ${'disk-full'}           | ${'larger runner'}
    ${{ ...script, 'artifact-path': 'dist/**' }}                                                | ${{ a: '' }}                                                                | ${{}}                            | ${'no-artifact'}         | ${'"dist/**"'}
    ${{ ...script, 'artifact-path': '/' }}                                                      | ${{ a: '' }}                                                                | ${{}}                            | ${'no-artifact'}         | ${'"/"'}
    ${{ ...script, 'artifact-path': '!' }}                                                      | ${{ a: '' }}                                                                | ${{}}                            | ${'no-artifact'}         | ${'"!"'}
    ${{ ...script, 'artifact-path': '!a' }}                                                     | ${{ a: '' }}                                                                | ${{}}                            | ${'no-artifact'}         | ${'"artifact-path"'}
    ${{ ...script, 'artifact-path': 'a', command: 'rm -r ../app', 'working-directory': 'app' }} | ${{ 'app/a': '' }}                                                          | ${{}}                            | ${'no-artifact'}         | ${'"a"'}
  `(
    '$code: $inputs in $files',
    async ({ inputs, files, more, code, says }) => {
      await using workspace = await project(files ?? {})
      await using run = await build(workspace, inputs, more)
      expect(run.outputs['reason']).toMatch(new RegExp(`^${code}: \\S[^\\n]*\\.$`))
      expect([run.exitCode, run.outputs['result'], run.orphans]).toEqual([1, 'failed', []])
      expect(run.annotations.filter(({ level }) => level === 'error')).toEqual([
        { level: 'error', properties: {}, message: expect.stringContaining(says) },
      ])
      expect(run.log).not.toContain('bug:')
      expect(run.summary).toContain('### build: failed')
      expect(await leftInTemp(run)).toEqual([])
    },
    30_000,
  )

  test.each(['package.json', 'Makefile', 'go.mod'])(
    '%s that is tracked and gone is none',
    async file => {
      await using workspace = await project({ [file]: '{}', 'main.go': 'package main' })
      await workspace.commit()
      await workspace.sh('rm', file)
      await using run = await build(workspace)
      expect(run.outputs['reason']).toMatch(/^no-toolchain: /)
    },
    30_000,
  )
})

test('a dry run shows the commands and changes nothing', async () => {
  await using workspace = await project(await shop())
  await workspace.commit()
  const before = await workspace.snapshot()
  await using run = await build(workspace, { 'dry-run': 'true', 'install-command': 'touch installed' })
  expect([run.exitCode, run.outputs['result'], run.outputs['artifact-path']]).toEqual([0, 'planned', '[]'])
  expect(JSON.parse(run.outputs['plan'] ?? '')).toMatchObject([
    { step: 'install', command: 'touch installed' },
    { step: 'build', command: 'npm run build' },
  ])
  expect(await workspace.snapshot()).toEqual(before)
  expect([await leftInTemp(run), run.orphans]).toEqual([[], []])
}, 30_000)

test("the output of a command is text, but for its author's annotations within the budget", async () => {
  await using workspace = await project({
    'hostile.txt': HOSTILE.join('\n'),
    'many.txt': '::error file=a.c,line=3::many\n'.repeat(30),
  })
  const commands = {
    toolchain: 'none',
    'install-command': 'cat hostile.txt; cat hostile.txt >&2',
    command: '::add-mask::titles 2>/dev/null || cat many.txt; exit 9',
  }
  await using run = await build(workspace, commands)
  expect(run.masks).toEqual([])
  expect([run.state, run.env, run.path]).toEqual([{}, {}, []])
  expect(run.outputs['reason']).toMatch(/^command-failed: .*exit code 9/)
  const of = (name: string) => run.annotations.filter(({ level }) => level === name)
  expect(of('notice').map(({ message }) => message)).toEqual(Array(2).fill('text\n::add-mask::inner'))
  expect(of('error')).toHaveLength(10)
  expect(of('error').map(({ message }) => message.split(':')[0])).toEqual([
    ...Array(2).fill('told'),
    ...Array(7).fill('many'),
    'command-failed',
  ])
  const commandsOfTheRunner = run.log
    .split('\n')
    .flatMap(line => /^\s*::([a-z-]+)|##\[([a-z-]+)/i.exec(line)?.slice(1).find(Boolean) ?? [])
  expect(new Set(commandsOfTheRunner)).toEqual(new Set(['group', 'endgroup', 'notice', 'error']))
}, 30_000)

test('a secret of the environment is found nowhere, and reaches a command only by its name', async () => {
  await using watch = await watchArguments(SECRET)
  const env = { ACTIONS_RUNTIME_TOKEN: SECRET, SHOP_KEY: SECRET }
  for (const [inputs, length] of [
    [{}, '0'],
    [{ 'pass-env': 'ACTIONS_RUNTIME_TOKEN' }, String(SECRET.length)],
    [{ 'pass-env': 'NOT_SET, ACTIONS_RUNTIME_TOKEN', 'artifact-path': 'none' }, String(SECRET.length)],
    [{ command: `${LENGTH}; exit 1` }, '0'],
    [{ 'dry-run': 'true' }, undefined],
  ] as const) {
    await using workspace = await project({ Makefile: `build:\n\t@${LENGTH.replaceAll('$', '$$$$')}\n` })
    await workspace.commit()
    await using run = await build(workspace, inputs, { env })
    const { log, outputs: given, summary, state, env: set, path, annotations, directories } = run
    expect(log.split('\n').find(line => /^\d+$/.test(line))).toBe(length)
    const hits = await findSecret(SECRET, {
      texts: { log, given, summary, state, set, path, annotations },
      directories: [directories.root, workspace.path],
    })
    expect(hits).toEqual([])
  }
  expect(watch.arguments).toEqual([])
}, 60_000)

/** npm with a lock file, and a cache service at this address. */
async function cached(url: string, cancelAfter?: AbortSignal): Promise<ActionRun> {
  await using workspace = await project(await shop())
  const env = { ACTIONS_RESULTS_URL: url, ACTIONS_CACHE_SERVICE_V2: 'true', ACTIONS_RUNTIME_TOKEN: SECRET }
  return await build(workspace, {}, { env, ...(cancelAfter === undefined ? {} : { cancelAfter }) })
}

describe('the cache is a convenience', () => {
  test('a service that is away is told, and the build goes on', async () => {
    await using run = await cached('http://127.0.0.1:1/')
    expect([run.exitCode, run.outputs['result'], run.outputs['cache-result']]).toEqual([0, 'built', 'miss'])
    expect(run.annotations).toEqual([
      { level: 'warning', properties: {}, message: expect.stringContaining('ECONNREFUSED') },
    ])
    const { log, outputs: given, summary, directories } = run
    expect(
      await findSecret(SECRET, { texts: { log, given, summary }, directories: [directories.root] }),
    ).toEqual([])
    expect(await leftInTemp(run)).toEqual([])
  }, 30_000)

  test('one that is silent does not hold up a cancellation', async () => {
    const asked = new AbortController()
    const server = createServer(() => asked.abort()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // oxlint-disable-line no-unsafe-type-assertion -- it listens on TCP
    await using run = await cached(`http://127.0.0.1:${port}/`, asked.signal).finally(() => {
      server.closeAllConnections()
      server.close()
    })
    expect([run.exitCode, run.outputs['reason'], run.orphans]).toEqual([
      130,
      expect.stringContaining('not landed'),
      [],
    ])
    expect(run.cancelledFor).toBeLessThan(3000)
    expect(await leftInTemp(run)).toEqual([])
  }, 30_000)
})

test('a command that does not want to be told is ended before the runner ends us', async () => {
  await using workspace = await project({})
  const command = "trap '' INT TERM\necho deaf\nwhile true; do sleep 1; done"
  await using run = await build(
    workspace,
    { toolchain: 'none', command },
    { cancelAfter: log => /^deaf$/m.test(log) },
  )
  expect([run.exitCode, run.outputs['reason'], run.orphans, await leftInTemp(run)]).toEqual([
    130,
    expect.stringMatching(/^cancelled: /),
    [],
    [],
  ])
  expect(run.cancelledFor).toBeLessThan(7500)
}, 30_000)

test('cancelled at any moment, it leaves nothing behind and says so', async () => {
  const Makefile =
    'build:\n\tsleep 60 & for part in 1 2 3 4; do echo $$part; sleep 0.05; done; mkdir bin; touch bin/a; kill $$!\n'
  await using whole = await project({ Makefile })
  const { duration } = await build(whole)
  const seen = new Set<number | null>()
  const slice = Math.ceil(duration / 20)
  const moments = Array.from({ length: 20 }, (_, index) => index * slice + randomInt(1, slice + 1))
  await inPairs(moments, async cancelAfter => {
    await using workspace = await project({ Makefile })
    await using run = await build(workspace, {}, { cancelAfter })
    seen.add(run.exitCode)
    const { result, reason } = run.outputs
    expect([cancelAfter, run.orphans, await leftInTemp(run)]).toEqual([cancelAfter, [], []])
    if (run.exitCode === null)
      expect([run.signal, run.outputs, await workspace.snapshot()]).toEqual([
        'SIGINT',
        {},
        expect.not.objectContaining({ bin: expect.anything() }),
      ])
    else {
      expect(Object.keys(run.outputs)).toEqual([...outputs])
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(
        run.exitCode === 0 ? 0 : 1,
      )
      if (run.exitCode === 0) expect([result, reason]).toEqual(['built', ''])
      else expect([run.exitCode, reason]).toEqual([130, expect.stringMatching(/^cancelled: \S.*\.$/)])
      if (result === 'built') expect(run.outputs['artifact-path']).toBe('["bin/a"]')
      expect(run.cancelledFor ?? 0).toBeLessThan(7500)
    }
  })
  expect(seen).toContain(130)
}, 90_000)
