import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute, probe, relay, scrubbedEnvironment, shellScript } from '@gitops-relay/process'
import { gitEnvironment, recordingHost } from '@gitops-relay/testing'
import { createInputReader } from '@gitops-relay/action-kit'
import { openProject } from '@gitops-relay/toolchains'
import { detectTests, packageScripts } from './detect.ts'
import { inputs, readInputs } from './inputs.ts'
import { runTests } from './main.ts'
import { createRunner } from './runner.ts'

const jest = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url))
const NODE_TEST = `import { test } from 'node:test'\nimport assert from 'node:assert'\n`
const npm = (script: string, rest: object = {}) =>
  JSON.stringify({ name: 'app', scripts: { test: script }, ...rest })
const PASS = { 'package.json': npm('node --test'), 'a.test.mjs': `${NODE_TEST}test('a', () => {})\n` }
const JUNIT = '<testsuite name="S"><testcase name="a"/><testcase name="b"/></testsuite>'

/** A real project in a real git checkout, and the story of the action over it. */
async function run(
  files: Record<string, string>,
  given: Record<string, string> = {},
  signal = new AbortController().signal,
  watch: (line: string) => void = () => {},
) {
  const { NODE_TEST_CONTEXT: _, JEST_WORKER_ID: __, NODE_OPTIONS: ___, ...env } = process.env
  await using host = await recordingHost({ env: { ...env, INPUT_TOKEN: 'canary' } })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(host.workspace, path)), { recursive: true })
    await writeFile(join(host.workspace, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: host.workspace,
      env: { ...process.env, ...gitEnvironment },
      encoding: 'utf8',
    })
  git('init', '--quiet')
  git('add', '--all')
  const before = git('status', '--porcelain', '--ignored')
  const wanted = readInputs(createInputReader(inputs, given, host.workspace), host)
  const watched: typeof relay = (...options) => {
    const pass = relay(...options)
    return (line, stream) => {
      watch(line)
      pass(line, stream)
    }
  }
  const runner = createRunner(host, wanted.passEnv, {
    execute,
    probe,
    relay: watched,
    scrubbedEnvironment,
    shellScript,
  })
  const detect = async () => detectTests(await openProject(wanted.directory, execute, runner.env), wanted)
  const outcome = await runTests(wanted, host, { runner, detect, packageScripts, now: Date.now }, signal)
  const path = String(outcome.outputs['report-path'] ?? '')
  return {
    ...outcome,
    code: outcome.reason?.split(':', 1)[0],
    counts: ['total', 'passed', 'failed', 'skipped', 'flaky']
      .map(name => outcome.outputs[`tests-${name}`])
      .join(' '),
    annotations: host.annotations,
    log: host.lines.join('\n'),
    ctrf: path === '' ? undefined : JSON.parse(await readFile(path, 'utf8')),
    touched:
      git('status', '--porcelain', '--ignored') === before
        ? 'nothing'
        : git('status', '--porcelain', '--ignored'),
  }
}

describe('node:test behind npm test', () => {
  test('passes, and the project is as it was', async () => {
    const found = await run(PASS)
    expect(found).toMatchObject({
      result: 'passed',
      counts: '1 1 0 0 0',
      touched: 'nothing',
      annotations: [],
    })
    expect(found.outputs['exit-code']).toBe(0)
    expect(found.failure).toBeUndefined()
    expect(found.log).toContain('\u2714 a')
    expect(found.ctrf.results.tests).toMatchObject([{ name: 'a', status: 'passed' }])
  })

  test('a failure stands on the line of its assertion', async () => {
    const text = `${NODE_TEST}import { add } from '../src/add.mjs'
test('adds', () => {
  assert.equal(add(1, 1), 2)
})
test('adds more', () => {
  assert.equal(add(1, 1), 2)
})
`
    const found = await run({
      ...PASS,
      'src/add.mjs': 'export const add = (a, b) => a - b\n',
      'test/add.test.mjs': text,
    })
    expect(found).toMatchObject({
      result: 'failed',
      code: 'tests-failed',
      counts: '3 1 2 0 0',
      touched: 'nothing',
    })
    expect(found.outputs['exit-code']).toBe(1)
    expect(
      found.annotations.map(({ level, place }) => `${level} ${place?.file}:${place?.line} ${place?.title}`),
    ).toEqual(['error test/add.test.mjs:5 adds', 'error test/add.test.mjs:8 adds more'])
    expect(found.annotations[0]?.text).toContain('0 == 2')
    expect(found.summary).toContain('test/add.test.mjs:5')
  })

  test('failures of one cause in one helper are one annotation', async () => {
    const helper = `import assert from 'node:assert'\nexport const check = value => assert.equal(value, 1)\n`
    const many = Array.from({ length: 30 }, (_, at) => `test('t${at}', () => check(2))`).join('\n')
    const found = await run({
      ...PASS,
      'check.mjs': helper,
      'a.test.mjs': `${NODE_TEST}import { check } from './check.mjs'\n${many}\n`,
    })
    expect(found.annotations).toHaveLength(1)
    expect(found.annotations[0]).toMatchObject({
      place: { file: 'check.mjs', line: 2, title: 't0 (and 29 more)' },
    })
  })

  test.each<
    [
      what: string,
      files: Record<string, string>,
      given: Record<string, string>,
      result: string,
      code: string | undefined,
    ]
  >([
    ['no tests', { ...PASS, 'a.test.mjs': '' }, {}, 'no-tests', 'no-tests'],
    [
      'no tests, and none are needed',
      { ...PASS, 'a.test.mjs': '' },
      { 'min-tests': '0' },
      'no-tests',
      'no-tests',
    ],
    [
      'only skipped ones',
      { ...PASS, 'a.test.mjs': `${NODE_TEST}test.skip('a', () => {})` },
      {},
      'no-tests',
      'no-tests',
    ],
    ['too few', PASS, { 'min-tests': '2' }, 'failed', 'too-few-tests'],
    [
      'a crash in the middle',
      { ...PASS, 'b.test.mjs': `${NODE_TEST}test('x', () => process.exit(7))` },
      {},
      'failed',
      'tests-failed',
    ],
    [
      'a failure that the script hides',
      {
        ...PASS,
        'package.json': npm('node --test || true'),
        'b.test.mjs': `${NODE_TEST}test('x', () => assert.ok(0))`,
      },
      {},
      'failed',
      'tests-failed',
    ],
    [
      'a script that fails after its tests',
      { ...PASS, 'package.json': npm('node --test && exit 5') },
      {},
      'failed',
      'command-failed',
    ],
    ['a script that is no test', { ...PASS, 'package.json': npm('echo fine') }, {}, 'failed', 'no-report'],
    [
      'a script that is no test, and none is needed',
      { 'package.json': npm('echo fine') },
      { 'min-tests': '0' },
      'no-tests',
      'no-tests',
    ],
  ])('%s', async (_, files, given, result, code) => {
    const found = await run(files, given)
    expect([found.result, found.code]).toEqual([result, code])
    expect(found.failure === undefined).toBe(given['min-tests'] === '0')
  })
})

test('jest behind npm test', async () => {
  const found = await run({
    'package.json': npm(`node ${jest} --no-cache`, { jest: { testEnvironment: 'node' } }),
    'cart.test.js': `test('ok', () => {})\ntest('bad', () => {\n  expect({ a: 1 }).toEqual({ a: 2 })\n})\n`,
  })
  expect(found).toMatchObject({ result: 'failed', counts: '2 1 1 0 0', touched: 'nothing' })
  expect(found.annotations).toMatchObject([{ place: { file: 'cart.test.js', line: 3, title: 'bad' } }])
})

test('jest in a script that sets NODE_OPTIONS itself', async () => {
  const found = await run({
    'package.json': npm(`true && NODE_OPTIONS=--experimental-vm-modules node ${jest} --no-cache`, {
      type: 'module',
      jest: { testEnvironment: 'node', transform: {} },
    }),
    'cart.test.js': `import { x } from './cart.js'\ntest('ok', () => expect(x).toBe(1))\n`,
    'cart.js': 'export const x = 1\n',
  })
  expect(found).toMatchObject({ result: 'passed', counts: '1 1 0 0 0', touched: 'nothing' })
})

describe('reports of a command of the user', () => {
  test.each<
    [
      what: string,
      command: string,
      files: Record<string, string>,
      result: string,
      code: string | undefined,
      counts: string,
    ]
  >([
    ['written now', 'echo "$REPORT" > out.xml', {}, 'passed', undefined, '2 2 0 0 0'],
    ['from before', 'true', { 'out.xml': JUNIT }, 'failed', 'no-report', '0 0 0 0 0'],
    ['cut off', 'echo "$REPORT" | head -c 40 > out.xml', {}, 'failed', 'report-truncated', '1 1 0 0 0'],
    ['of another format', 'echo "<TestRun/>" > out.xml', {}, 'failed', 'not-yet', '0 0 0 0 0'],
    [
      'and the command fails',
      'echo "$REPORT" > out.xml; exit 9',
      {},
      'failed',
      'command-failed',
      '2 2 0 0 0',
    ],
    [
      'and the command kills itself',
      'echo "$REPORT" > out.xml; kill -9 $$',
      {},
      'failed',
      'command-failed',
      '2 2 0 0 0',
    ],
  ])('%s', async (_, command, files, result, code, counts) => {
    const found = await run(
      { 'package.json': npm('exit 1'), ...files },
      { command: command.replace('"$REPORT"', `'${JUNIT}'`), 'report-paths': '*.xml' },
    )
    expect([found.result, found.code, found.counts]).toEqual([result, code, counts])
    expect(found.outputs['exit-code']).toBe(/exit 9/.test(command) ? 9 : /kill/.test(command) ? 137 : 0)
  })

  test('none runs nothing, and reports count whatever their age', async () => {
    const found = await run({ 'out.xml': JUNIT }, { command: 'none', 'report-paths': '*.xml' })
    expect(found).toMatchObject({ result: 'passed', counts: '2 2 0 0 0' })
    expect(found.outputs['exit-code']).toBeUndefined()
  })

  test('a flaky test fails the step only if it shall', async () => {
    const flaky = '<testsuite><testcase name="a"><failure/></testcase><testcase name="a"/></testsuite>'
    const given = { command: 'none', 'report-paths': '*.xml' }
    expect(await run({ 'out.xml': flaky }, given)).toMatchObject({ result: 'passed', counts: '1 1 0 0 1' })
    expect(await run({ 'out.xml': flaky }, { ...given, 'fail-on-flaky': 'true' })).toMatchObject({
      code: 'flaky-tests',
    })
  })

  test('annotations are left out when they are not wanted', async () => {
    const failed = '<testsuite><testcase name="a"><failure message="m"/></testcase></testsuite>'
    const found = await run(
      { 'out.xml': failed },
      { command: 'none', 'report-paths': '*.xml', annotations: 'false' },
    )
    expect([found.result, found.annotations]).toEqual(['failed', []])
  })
})

test('hostile text is text in the summary', async () => {
  const name = '&lt;img src=x&gt; @someone #1 | `x` ::error::y'
  const hostile = `<testsuite><testcase name="${name}"><failure message="&lt;/code&gt; \`\`\` @all"/></testcase></testsuite>`
  const { summary } = await run({ 'out.xml': hostile }, { command: 'none', 'report-paths': '*.xml' })
  expect(summary).not.toMatch(/<img|[^\\]@someone|^::/m)
  expect(summary).toContain('````\n</code> ``` @all\n````')
})

test('a dry run runs nothing', async () => {
  const found = await run(
    { ...PASS, 'package.json': npm('touch ran && node --test') },
    { 'dry-run': 'true', 'install-command': 'touch ran' },
  )
  expect(found).toMatchObject({ result: 'planned', touched: 'nothing' })
  expect(found.summary).toContain('touch ran')
})

test('the install command runs first, and its failure is said', async () => {
  expect(
    await run(PASS, { 'install-command': 'echo 1 > made', command: 'test -f made && node --test' }),
  ).toMatchObject({ result: 'passed' })
  await expect(run(PASS, { 'install-command': 'exit 4' })).rejects.toMatchObject({
    code: 'command-failed',
    sentence: '"install-command" ended with exit code 4.',
  })
})

test('the command does not see what is ours', async () => {
  const { log } = await run(PASS, { command: 'env; node --test' })
  expect(log).not.toContain('canary')
})

test('a cancelled run leaves no child', async () => {
  const controller = new AbortController()
  let child = 0
  const watch = (line: string) => {
    child ||= Number(/^ready (\d+)$/.exec(line)?.[1] ?? 0)
    if (child !== 0) controller.abort(new Error('cancelled'))
  }
  const running = run(PASS, { command: 'echo "ready $$"; sleep 60' }, controller.signal, watch)
  await expect(running).rejects.toThrow('cancelled')
  expect(() => process.kill(child, 0)).toThrow('ESRCH')
})

test('in a directory of a larger repository the line is that of the repository', async () => {
  const text = `${NODE_TEST}test('a', () => assert.ok(0))\n`
  const files = {
    'a.test.mjs': '',
    'apps/my shop/package.json': npm('node --test'),
    'apps/my shop/a.test.mjs': text,
  }
  const { annotations } = await run(files, { 'working-directory': 'apps/my shop' })
  expect(annotations).toMatchObject([{ place: { file: 'apps/my shop/a.test.mjs', line: 3 } }])
})
