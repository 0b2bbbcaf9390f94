import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { scrubbedEnvironment } from './environment.ts'
import { execute } from './execute.ts'
import { probe } from './probe.ts'
import { relay } from './relay.ts'
import { shellScript } from './script.ts'

const here = { cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '' } }

describe("the user's own command may annotate, and nothing else", () => {
  test.each<{ line: string; annotations: unknown[] }>`
    line                                                  | annotations
    ${'::error file=a.ts,line=3,col=2,title=T%3A::b%0Ac'} | ${[{ level: 'error', text: 'b\nc', place: { file: 'a.ts', line: 3, column: 2, title: 'T:' } }]}
    ${'::warning::careful'}                               | ${[{ level: 'warning', text: 'careful' }]}
    ${'::NOTICE file=C%3A\\x,line=1::n'}                  | ${[{ level: 'notice', text: 'n', place: { file: 'C:\\x', line: 1 } }]}
    ${'::add-mask::x'}                                    | ${[]}
    ${'::stop-commands::x'}                               | ${[]}
    ${'text ##[error]x'}                                  | ${[]}
  `('$line', async ({ line, annotations }) => {
    await using host = await recordingHost()
    relay(host.log, { commands: 'annotations' })(line)
    expect(
      host.annotations.map(({ place, ...rest }) => (place === undefined ? rest : { ...rest, place })),
    ).toEqual(annotations)
  })

  test('foreign output may not even do that', async () => {
    await using host = await recordingHost()
    relay(host.log, { commands: 'none' })('::error::x')
    expect(host.annotations).toEqual([])
    expect(host.lines.join('\n')).toContain('::error::x')
  })
})

test('a child does not get what speaks to the runner in our name', () => {
  const env = {
    PATH: 'p',
    INPUT_TOKEN: 't',
    ACTIONS_RUNTIME_TOKEN: 'r',
    GITHUB_OUTPUT: 'o',
    GITHUB_SHA: 's',
    GITHUB_ENV: 'e',
    NONE: undefined,
  }
  expect(scrubbedEnvironment(env)).toEqual({ PATH: 'p', GITHUB_SHA: 's' })
  expect(scrubbedEnvironment(env, ['ACTIONS_RUNTIME_TOKEN', 'NONE'])).toEqual({
    PATH: 'p',
    GITHUB_SHA: 's',
    ACTIONS_RUNTIME_TOKEN: 'r',
  })
})

describe('a probe', () => {
  test('gives back what was printed', async () => {
    expect(await probe([process.execPath, '--version'], here)).toMatchObject({
      exitCode: 0,
      stdout: `${process.version}\n`,
    })
  })
  test('of a program that is not there is 127', async () => {
    expect(await probe(['no-such-program', '--version'], here)).toMatchObject({ exitCode: 127 })
  })
  test('of a program that ends at once does not break on its closed input', async () => {
    const probes = Array.from({ length: 60 }, () => probe(['true'], here))
    expect((await Promise.all(probes)).map(({ exitCode }) => exitCode)).toEqual(probes.map(() => 0))
  })
})

describe("the user's script", () => {
  test.each<{ script: string; exitCode: number; path: string }>`
    script              | exitCode | path
    ${'false\necho on'} | ${1}     | ${process.env['PATH']}
    ${'false | true'}   | ${1}     | ${process.env['PATH']}
    ${'[[ a == a ]]'}   | ${0}     | ${process.env['PATH']}
    ${'exit 7'}         | ${7}     | ${process.env['PATH']}
  `('$script', async ({ script, exitCode, path }) => {
    const directory = await mkdtemp(join(tmpdir(), 'script-'))
    const env = { PATH: path }
    const argv = await shellScript(script, { directory, platform: process.platform, env })
    expect(await execute(argv, { cwd: directory, env })).toMatchObject({ exitCode })
    expect((await stat(argv.at(-1) ?? '')).mode & 0o777).toBe(0o600)
    await rm(directory, { recursive: true })
  })

  test('runs by sh where there is no bash', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'script-'))
    const argv = await shellScript('true', { directory, platform: 'linux', env: { PATH: '/nowhere' } })
    expect(argv.slice(0, 2)).toEqual(['sh', '-e'])
    await rm(directory, { recursive: true })
  })
})
