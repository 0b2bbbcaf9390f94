import { randomInt } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { findSecret, runAction, watchArguments, type RunActionOptions } from '@gitops-relay/testing'
import { outputs } from '../../actions/test/src/report.ts'
import { forked, HOSTILE, inPairs, leftInTemp, project, shop, type Project } from './project.ts'

const SECRET = 'canary/0123456789+abcdef&XYZ'

const runTests = (
  { path }: Project,
  inputs: Record<string, string> = {},
  { env, ...more }: Partial<RunActionOptions> = {},
) =>
  runAction({
    action: 'test',
    inputs,
    workspace: path,
    env: { ACTIONS_RESULTS_URL: undefined, ...env },
    ...more,
  })

const REPORT = /^gitops-relay-tests-[0-9a-f]{12}\.ctrf\.json$/
const junit = (cases: string, tail = '</testsuite>') => `<testsuite name="shop">${cases}${tail}`
const PASSES = '<testcase name="passes"/>'
const FAILS = '<testcase name="fails"><failure message="no">at nowhere</failure></testcase>'
/** Copies a report that lies ready to where the step looks for one. */
const copy = { command: 'cp ready.xml report.xml', 'report-paths': 'report.xml' }

describe('tests are run, and judged by their reports', () => {
  test('those of a project, by its own command', async () => {
    await using workspace = await project(await shop())
    await workspace.commit()
    const before = await workspace.snapshot()
    await using run = await runTests(workspace)
    const { 'report-path': path = '', ...rest } = run.outputs
    expect([run.exitCode, rest]).toEqual([
      0,
      {
        result: 'passed',
        reason: '',
        'tests-total': '7',
        'tests-passed': '7',
        'tests-failed': '0',
        'tests-skipped': '0',
        'tests-flaky': '0',
        'coverage-line': '',
        'exit-code': '0',
      },
    ])
    const ctrf = JSON.parse(await readFile(path, 'utf8'))
    expect(ctrf.results.summary).toMatchObject({ tests: 7, passed: 7 })
    expect(await workspace.snapshot()).toEqual(before)
    expect([run.annotations, run.orphans]).toEqual([[], []])
    expect(await leftInTemp(run)).toEqual([expect.stringMatching(REPORT)])
  }, 30_000)

  test('by a command of its own, in a directory of the workspace, after an installation', async () => {
    await using workspace = await project({ 'app/ready.xml': junit(PASSES) })
    await using run = await runTests(workspace, {
      'working-directory': 'app',
      'install-command': 'mkdir reports',
      command: 'cp ready.xml reports/',
      'report-paths': 'reports/*.xml',
    })
    expect([run.exitCode, run.outputs['result'], run.outputs['tests-total']]).toEqual([0, 'passed', '1'])
  }, 30_000)

  test('by reports alone, whatever their age', async () => {
    await using workspace = await project({ 'report.xml': junit(PASSES) })
    await utimes(join(workspace.path, 'report.xml'), 1, 1)
    await using run = await runTests(workspace, { command: 'none', 'report-paths': '*.xml' })
    expect([run.exitCode, run.outputs['result'], run.outputs['exit-code']]).toEqual([0, 'passed', ''])
  }, 30_000)
})

const npm = (script = 'true') => JSON.stringify({ name: 'a', version: '1.0.0', scripts: { test: script } })

describe('what a user can mend has one error, with its remedy', () => {
  test.each<{
    inputs: Record<string, string>
    files?: Record<string, string>
    more?: Partial<RunActionOptions>
    code: string
    says: string
  }>`
    inputs                                                     | files                                                                       | more                             | code                     | says
    ${{ comand: 'true' }}                                      | ${{}}                                                                       | ${{}}                            | ${'unknown-input'}       | ${'"command"'}
    ${{ cache: 'true' }}                                       | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"cache"'}
    ${{ retries: '2' }}                                        | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"retries"'}
    ${{ shard: '1/2' }}                                        | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"shard"'}
    ${{ 'timings-path': 'a' }}                                 | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"timings-path"'}
    ${{ 'coverage-paths': 'a' }}                               | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"coverage-paths"'}
    ${{ 'coverage-threshold': '80' }}                          | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"coverage-threshold"'}
    ${{ 'affected-base': 'main' }}                             | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"affected-base"'}
    ${{ merge: '*.json' }}                                     | ${{}}                                                                       | ${{}}                            | ${'not-yet'}             | ${'"merge"'}
    ${{ cache: 'maybe' }}                                      | ${{}}                                                                       | ${{}}                            | ${'bad-value'}           | ${'true, false, restore'}
    ${{ 'min-tests': '-1' }}                                   | ${{}}                                                                       | ${{}}                            | ${'bad-number'}          | ${'from 0'}
    ${{ 'min-tests': 'many' }}                                 | ${{}}                                                                       | ${{}}                            | ${'bad-number'}          | ${'"many"'}
    ${{ 'fail-on-flaky': 'yes' }}                              | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'true or false'}
    ${{ 'dry-run': 'yes' }}                                    | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'"dry-run"'}
    ${{ annotations: '1' }}                                    | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'"annotations"'}
    ${{ 'allow-untrusted': '-' }}                              | ${{}}                                                                       | ${{}}                            | ${'bad-boolean'}         | ${'"allow-untrusted"'}
    ${{ 'working-directory': '..' }}                           | ${{}}                                                                       | ${{}}                            | ${'outside-workspace'}   | ${'relative to the workspace'}
    ${{ 'working-directory': 'app' }}                          | ${{}}                                                                       | ${{}}                            | ${'no-directory'}        | ${'"app"'}
    ${{ command: 'none' }}                                     | ${{}}                                                                       | ${{}}                            | ${'no-reports'}          | ${'"report-paths"'}
    ${{}}                                                      | ${{ 'package.json': npm() }}                                                | ${{ event: forked }}             | ${'untrusted-checkout'}  | ${'allow-untrusted'}
    ${{ toolchain: 'rake' }}                                   | ${{}}                                                                       | ${{}}                            | ${'unknown-toolchain'}   | ${'"rake"'}
    ${{ toolchain: 'none' }}                                   | ${{ 'package.json': npm() }}                                                | ${{}}                            | ${'no-toolchain'}        | ${'"command"'}
    ${{ toolchain: 'go' }}                                     | ${{ 'package.json': npm() }}                                                | ${{}}                            | ${'no-toolchain'}        | ${'"go"'}
    ${{}}                                                      | ${{}}                                                                       | ${{}}                            | ${'no-toolchain'}        | ${'"working-directory"'}
    ${{}}                                                      | ${{ 'package.json': '{}' }}                                                 | ${{}}                            | ${'no-toolchain'}        | ${'script "test"'}
    ${{}}                                                      | ${{ 'package.json': '{' }}                                                  | ${{}}                            | ${'bad-package'}         | ${'package.json'}
    ${{}}                                                      | ${{ 'package.json': npm(), 'go.mod': '' }}                                  | ${{}}                            | ${'not-yet'}             | ${'go.mod'}
    ${{}}                                                      | ${{ Makefile: 'test:\n' }}                                                  | ${{}}                            | ${'not-yet'}             | ${'"report-paths"'}
    ${{}}                                                      | ${{ 'Cargo.toml': '' }}                                                     | ${{}}                            | ${'not-yet'}             | ${'Cargo.toml'}
    ${{}}                                                      | ${{ 'package.json': npm(), 'package-lock.json': '', 'pnpm-lock.yaml': '' }} | ${{}}                            | ${'ambiguous-toolchain'} | ${'package-lock.json, pnpm-lock.yaml'}
    ${{}}                                                      | ${{ 'package.json': npm() }}                                                | ${{ env: { PATH: '/nowhere' } }} | ${'not-installed'}       | ${'"npm"'}
    ${{ command: 'true', 'install-command': 'exit 4' }}        | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'"install-command" ended with exit code 4'}
    ${{ command: 'exit 3' }}                                   | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'exit code 3'}
    ${{ command: 'kill -9 $$' }}                               | ${{}}                                                                       | ${{}}                            | ${'command-failed'}      | ${'SIGKILL'}
    ${{ command: 'true' }}                                     | ${{}}                                                                       | ${{}}                            | ${'no-report'}           | ${'"min-tests"'}
    ${{ command: 'rm -r ../app', 'working-directory': 'app' }} | ${{ 'app/a': '' }}                                                          | ${{}}                            | ${'no-report'}           | ${'"report-paths"'}
    ${{ command: 'none', 'report-paths': '[' }}                | ${{}}                                                                       | ${{}}                            | ${'no-report'}           | ${'"report-paths"'}
    ${{ command: 'none', 'report-paths': '!a\n/\n**/' }}       | ${{}}                                                                       | ${{}}                            | ${'no-report'}           | ${'"report-paths"'}
    ${{ command: 'none', 'report-paths': '.' }}                | ${{ a: '' }}                                                                | ${{}}                            | ${'no-report'}           | ${'"report-paths"'}
    ${copy}                                                    | ${{ 'ready.xml': junit(FAILS + PASSES) }}                                   | ${{}}                            | ${'tests-failed'}        | ${'1 of 2 tests failed'}
    ${copy}                                                    | ${{ 'ready.xml': junit('') }}                                               | ${{}}                            | ${'no-tests'}            | ${'No test ran'}
    ${{ ...copy, 'min-tests': '2' }}                           | ${{ 'ready.xml': junit(PASSES) }}                                           | ${{}}                            | ${'too-few-tests'}       | ${'Only 1 test ran'}
    ${copy}                                                    | ${{ 'ready.xml': junit(PASSES, '') }}                                       | ${{}}                            | ${'report-truncated'}    | ${'report.xml'}
    ${copy}                                                    | ${{ 'ready.xml': 'no report' }}                                             | ${{}}                            | ${'report-unreadable'}   | ${'report.xml'}
    ${copy}                                                    | ${{ 'ready.xml': '<TestRun/>' }}                                            | ${{}}                            | ${'not-yet'}             | ${'JUnit XML, TAP or CTRF'}
    ${{ ...copy, 'fail-on-flaky': 'true' }}                    | ${{ 'ready.xml': junit(FAILS.replace('fails', 'passes') + PASSES) }}        | ${{}}                            | ${'flaky-tests'}         | ${'1 test passed only on a retry'}
  `(
    '$code: $inputs in $files',
    async ({ inputs, files, more, code, says }) => {
      await using workspace = await project(files ?? {})
      await using run = await runTests(
        workspace,
        { ...inputs, annotations: inputs['annotations'] ?? 'false' },
        more,
      )
      expect(run.outputs['reason']).toMatch(new RegExp(`^${code}: \\S[^\\n]*\\.$`))
      expect([run.exitCode, run.outputs['result'], run.orphans]).toEqual([
        1,
        code === 'no-tests' ? 'no-tests' : 'failed',
        [],
      ])
      expect(run.annotations.filter(({ level }) => level === 'error')).toEqual([
        { level: 'error', properties: {}, message: expect.stringContaining(says) },
      ])
      expect(run.log).not.toContain('bug:')
      expect(run.summary).toMatch(/^### test: (?:failed|no-tests)/)
      const isJudged = run.outputs['report-path'] !== ''
      expect(await leftInTemp(run)).toEqual(isJudged ? [expect.stringMatching(REPORT)] : [])
    },
    30_000,
  )
})

test('a dry run shows the commands and changes nothing', async () => {
  await using workspace = await project(await shop())
  await workspace.commit()
  const before = await workspace.snapshot()
  await using run = await runTests(workspace, { 'dry-run': 'true', 'install-command': 'touch installed' })
  expect([run.exitCode, run.outputs['result'], run.outputs['report-path']]).toEqual([0, 'planned', ''])
  expect(run.summary).toContain('npm run test')
  expect(run.summary).toContain('touch installed')
  expect(await workspace.snapshot()).toEqual(before)
  expect([await leftInTemp(run), run.orphans]).toEqual([[], []])
}, 30_000)

/** What the runner would obey, by name. */
const commandsIn = (log: string) =>
  new Set(
    log
      .split('\n')
      .flatMap(line => /^\s*::([a-z-]+)|##\[([a-z-]+)/i.exec(line)?.slice(1).find(Boolean) ?? []),
  )

describe('the output of tests has no power', () => {
  test("that of the user's command but for annotations within the budget", async () => {
    await using workspace = await project({
      'hostile.txt': HOSTILE.join('\n'),
      'many.txt': '::error file=a.c,line=3::many\n'.repeat(30),
      'ready.xml': junit(PASSES),
    })
    const command =
      '::add-mask::titles 2>/dev/null || cat hostile.txt\ncat hostile.txt >&2\ncat many.txt\nexit 9'
    await using run = await runTests(workspace, { command })
    expect([run.masks, run.state, run.env, run.path]).toEqual([[], {}, {}, []])
    expect(run.outputs['reason']).toMatch(/^command-failed: .*exit code 9/)
    expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(10)
    expect(commandsIn(run.log)).toEqual(new Set(['group', 'endgroup', 'notice', 'error']))
  }, 30_000)

  test("that of a project's script none at all", async () => {
    await using workspace = await project({
      'package.json': npm('node hostile.js && node --test'),
      'hostile.js': `console.log(${JSON.stringify(HOSTILE.join('\n'))})`,
      'a.test.js': `require('node:test').test('::add-mask::name ##[add-mask]x', () => { throw new Error('::add-mask::message\\n##[add-mask]y') })`,
    })
    await workspace.commit()
    await using run = await runTests(workspace)
    expect([run.masks, run.state, run.outputs['tests-failed']]).toEqual([[], {}, '1'])
    expect(run.annotations.map(({ level, properties: { file, line } }) => [level, file, line])).toEqual([
      ['error', 'a.test.js', '1'],
      ['error', undefined, undefined],
    ])
    expect(commandsIn(run.log)).toEqual(new Set(['group', 'endgroup', 'error']))
  }, 30_000)
})

test('a secret of the environment is found nowhere, and reaches a command only by its name', async () => {
  await using watch = await watchArguments(SECRET)
  const env = { ACTIONS_RUNTIME_TOKEN: SECRET, SHOP_KEY: SECRET }
  // A dump of the environment in a report; the report itself is the project's own and is gone afterwards.
  const script = `
    const { ACTIONS_RUNTIME_TOKEN: token = '', SHOP_KEY: key } = process.env
    console.log(token.length)
    const dump = '<properties><property name="env" value="' + key.replace('&', '&amp;') + '"/></properties>'
    const said = '<system-out><![CDATA[' + key + ']]></system-out><system-err>' + btoa(key) + '</system-err>'
    const test = (name, inside) => '<testcase name="' + name + '">' + inside + dump + said + '</testcase>'
    const broken = process.argv[2] === 'red' ? '<failure message="no">at nowhere</failure>' : ''
    require('node:fs').writeFileSync(process.env.REPORT, '<testsuite>' + dump + test('one', broken) + said + '</testsuite>')`
  const report = join(process.env['TMPDIR'] ?? '/tmp', `report-${randomInt(1e9)}.xml`)
  for (const [inputs, length, result] of [
    [{}, '0', 'passed'],
    [{ 'pass-env': 'ACTIONS_RUNTIME_TOKEN' }, String(SECRET.length), 'passed'],
    [
      { 'pass-env': 'NOT_SET, ACTIONS_RUNTIME_TOKEN', command: 'node dump.cjs red' },
      String(SECRET.length),
      'failed',
    ],
    [{ command: 'node dump.cjs; exit 1' }, '0', 'failed'],
    [{ 'dry-run': 'true' }, undefined, 'planned'],
  ] as const) {
    await using workspace = await project({ 'dump.cjs': script })
    await workspace.commit()
    const given = { command: 'node dump.cjs', 'report-paths': report, ...inputs }
    await using run = await runTests(workspace, given, { env: { ...env, REPORT: report } })
    expect([run.outputs['result'], run.log.split('\n').find(line => /^\d+$/.test(line))]).toEqual([
      result,
      length,
    ])
    const { log, outputs: set, summary, state, env: exported, path, annotations, directories } = run
    const hits = await findSecret(SECRET, {
      texts: { log, set, summary, state, exported, path, annotations },
      directories: [directories.root, workspace.path],
    })
    expect(hits).toEqual([])
  }
  expect(watch.arguments).toEqual([])
}, 60_000)

test('cancelled at any moment, it leaves nothing behind and says so', async () => {
  const files = {
    'ready.xml': junit(PASSES),
    'run.sh':
      'sleep 60 & for part in 1 2 3 4; do echo $part; sleep 0.05; done; cp ready.xml report.xml; kill $!\n',
  }
  const inputs = { command: 'sh run.sh', 'report-paths': 'report.xml' }
  await using whole = await project(files)
  const { duration } = await runTests(whole, inputs)
  const slice = Math.ceil(duration / 20)
  const moments = Array.from({ length: 20 }, (_, index) => index * slice + randomInt(1, slice + 1))
  const seen = new Set<number | null>()
  await inPairs(moments, async cancelAfter => {
    await using workspace = await project(files)
    await using run = await runTests(workspace, inputs, { cancelAfter })
    seen.add(run.exitCode)
    const { result, reason, 'report-path': path = '' } = run.outputs
    const left = await leftInTemp(run)
    expect([cancelAfter, run.orphans]).toEqual([cancelAfter, []])
    for (const name of left) {
      expect(name).toMatch(REPORT)
      expect(JSON.parse(await readFile(join(run.directories.temp, name), 'utf8')).results.summary.tests).toBe(
        1,
      )
    }
    expect(left.map(name => join(run.directories.temp, name))).toEqual(path === '' ? [] : [path])
    if (run.exitCode === null)
      expect([run.signal, run.outputs, Object.keys(await workspace.snapshot())]).toEqual([
        'SIGINT',
        {},
        ['ready.xml', 'run.sh'],
      ])
    else {
      expect(Object.keys(run.outputs)).toEqual([...outputs])
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(
        run.exitCode === 0 ? 0 : 1,
      )
      if (run.exitCode === 0) expect([result, reason]).toEqual(['passed', ''])
      else expect([run.exitCode, reason]).toEqual([130, expect.stringMatching(/^cancelled: \S.*\.$/)])
      expect(run.cancelledFor ?? 0).toBeLessThan(7500)
    }
  })
  expect(seen).toContain(130)
}, 90_000)
