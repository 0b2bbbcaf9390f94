import { describe, expect, test } from '@jest/globals'
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createReadStream, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readReport } from '@gitops-relay/test-reports'
import { temporaryDirectory } from '@gitops-relay/testing'
import { inject } from './injection.ts'

const reporters = fileURLToPath(new URL('../reporters', import.meta.url))
const jest = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url))
const NODE_TEST = `import { test, describe, it } from 'node:test'\nimport assert from 'node:assert'\n`

/** Every version of Node on this machine that has test reporters: this one, and those of the PATH. */
const nodes = new Map(
  [...(process.env['PATH'] ?? '').split(delimiter).map(path => join(path, 'node')), process.execPath]
    .filter(path => existsSync(path))
    .map(path => [execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path] as const)
    .filter(([version]) => Number(/\d+/.exec(version)?.[0]) >= 20),
)

/** Runs Node as the action would, and says what the reports hold. */
async function run(files: Record<string, string>, args: string[], node = process.execPath) {
  await using directory = await temporaryDirectory()
  const at = (path: string) => join(directory.path, path)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  const { NODE_TEST_CONTEXT: _, JEST_WORKER_ID: __, ...env } = process.env
  const injection = inject({
    reporters,
    directory: at('reports'),
    nodeOptions: '',
    scripts: [args.join(' ')],
    hasTestReporters: true,
  })
  const ended = await new Promise<{ code: number; text: string }>(done => {
    execFile(node, args, { cwd: directory.path, env: { ...env, ...injection } }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr }),
    )
  })
  const names = await readdir(at('reports')).catch(() => [])
  const reports = await Promise.all(
    names.map(name => readReport(createReadStream(at(join('reports', name))))),
  )
  const tests = reports.flatMap(report => report.tests)
  return {
    ...ended,
    reports: reports.length,
    tests,
    problems: reports.flatMap(({ problems }) => problems.map(({ code }) => code)),
    outline: tests
      .map(
        ({ suite, name, status, flaky }) => `${[...suite, name].join(' > ')}: ${flaky ? '~' : ''}${status}`,
      )
      .sort(),
  }
}

describe.each([...nodes])('node:test of %s', (_version, node) => {
  const runHere = (files: Record<string, string>, args: string[]) => run(files, args, node)

  test('leaves are tests, whatever is around them', async () => {
    const { outline, code, text } = await runHere(
      {
        'a.test.mjs': `${NODE_TEST}
test('ok', () => {})
test('outer', async t => { await t.test('good', () => {}); await t.test('bad', () => assert.equal(1, 2)) })
describe('suite', () => { it('x', () => {}); describe('inner', () => { it('y', () => {}) }) })
test('later', { todo: true }, () => assert.ok(false))
test('done', { todo: true }, () => {})
test.skip('off', () => {})
describe('hooked', () => { it('z', () => {}); it.todo('w') })
`,
        'b.test.mjs': `${NODE_TEST}test('ok', () => {})\n`,
      },
      ['--test'],
    )
    expect(outline).toEqual([
      'done: skipped',
      'hooked > w: skipped',
      'hooked > z: passed',
      'later: skipped',
      'off: skipped',
      'ok: passed',
      'ok: passed',
      'outer > bad: failed',
      'outer > good: passed',
      'suite > inner > y: passed',
      'suite > x: passed',
    ])
    expect(code).toBe(1)
    expect(text).toContain('\u2714 ok')
  })

  test('a failure has its message, its stack and its lines', async () => {
    const { tests } = await runHere(
      { 'a.test.mjs': `${NODE_TEST}test('adds', () => {\n  assert.equal(1, 2)\n})\n` },
      ['--test'],
    )
    expect(tests[0]).toMatchObject({ line: 3, message: '1 == 2' })
    expect(tests[0]?.trace).toMatch(/a\.test\.mjs:4:10/)
    expect(tests[0]?.file).toMatch(/a\.test\.mjs$/)
  })

  test.each<[what: string, files: Record<string, string>, outline: string[]]>([
    ['a file without tests is no test', { 'a.test.mjs': '' }, []],
    ['no file at all', {}, []],
    ['a file that does not parse', { 'a.test.mjs': 'test(' }, ['a.test.mjs: failed']],
    [
      'a file that exits in the middle',
      { 'a.test.mjs': `${NODE_TEST}test('a', () => process.exit(3))\ntest('b', () => {})` },
      ['a.test.mjs: failed'],
    ],
    [
      'a hook that fails',
      {
        'a.test.mjs': `${NODE_TEST}import { before } from 'node:test'\ndescribe('s', () => { before(() => { throw new Error('no') }); it('x', () => {}) })`,
      },
      ['s > x: failed', 's: failed'],
    ],
    [
      'characters that XML forbids',
      { 'a.test.mjs': `${NODE_TEST}test('a \\u0000 \\u001b[31m & <b>', () => {})` },
      ['a \ufffd \ufffd[31m & <b>: passed'],
    ],
  ])('%s', async (_, files, expected) => {
    const { outline, problems } = await runHere(files, ['--test'])
    expect(outline).toEqual(expected)
    expect(problems).toEqual([])
  })

  test('a file alone, without --test, reports too', async () => {
    const { outline, problems } = await runHere({ 'a.mjs': `${NODE_TEST}test('a', () => {})` }, ['a.mjs'])
    expect([outline, problems]).toEqual([['a: passed'], []])
  })

  test('a reporter of the script goes on printing', async () => {
    const { outline, text, code } = await runHere({ 'a.test.mjs': `${NODE_TEST}test('a', () => {})` }, [
      '--test',
      '--test-reporter=tap',
    ])
    expect([outline, code]).toEqual([['a: passed'], 0])
    expect(text).toContain('ok 1 - a')
  })

  test('Node without tests leaves no report', async () => {
    expect((await runHere({ 'a.mjs': '' }, ['a.mjs'])).reports).toBe(0)
  })

  test('a run that is killed leaves a report that is no proof', async () => {
    const { problems } = await runHere(
      {
        'a.mjs': `${NODE_TEST}import { existsSync } from 'node:fs'\ntest('a', async () => {\n  while (!existsSync(process.env.GITOPS_RELAY_REPORTS)) await new Promise(setImmediate)\n  process.kill(process.pid, 'SIGKILL')\n})`,
      },
      ['a.mjs'],
    )
    expect(problems).toEqual(['report-truncated'])
  })
})

describe('jest', () => {
  const files = {
    'package.json': '{"name":"app","jest":{"reporters":["default"],"testEnvironment":"node"}}',
    'a.test.js': `describe('d', () => {
  test('ok', () => {})
  test('bad', () => {
    expect(1).toBe(2)
  })
  test.skip('off', () => {})
  test.todo('later')
})
`,
  }

  test('statuses, lines and what a report of its own keeps', async () => {
    const { outline, tests, code, text } = await run(files, [jest, '--no-cache'])
    expect(outline).toEqual(['d > bad: failed', 'd > later: skipped', 'd > off: skipped', 'd > ok: passed'])
    expect(code).toBe(1)
    expect(text).toContain('Tests:       1 failed')
    const failed = tests.find(({ status }) => status === 'failed')
    expect(failed).toMatchObject({
      line: 3,
      message: expect.stringMatching(/^Error: expect\(received\)\.toBe\(expected\)/),
    })
    expect(failed?.trace).toMatch(/a\.test\.js:4:15/)
  })

  test('a file that fails to run is a failure', async () => {
    const { outline } = await run({ ...files, 'a.test.js': 'require("./missing")' }, [jest, '--no-cache'])
    expect(outline).toEqual(['a.test.js: failed'])
  })

  test('a test that passes on a retry is flaky', async () => {
    const flaky = `jest.retryTimes(2)\nlet run = 0\ntest('a', () => { run += 1; expect(run).toBe(2) })\n`
    const { outline, code } = await run({ ...files, 'a.test.js': flaky }, [jest, '--no-cache'])
    expect([outline, code]).toEqual([['a: ~passed'], 0])
  })
})
