import { access, mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { temporaryDirectory } from '../temporary-directory.ts'
import { parseFileCommands } from './file-commands.ts'
import { processes } from './processes.ts'
import { runAction } from './run-action.ts'
import type { RunActionOptions } from './run-action.ts'
import { readCommands } from './workflow-commands.ts'

const metadata = `inputs:
  token: { default: '\${{ github.token }}' }
  where: { default: 'at \${{ github.server_url }}/\${{ github.repository }} in \${{ github.workspace }}' }
  number: { default: '\${{ github.event.number }}' }
  dry-run: { default: false }
  empty: {}
runs: { using: node24, main: main.js, post: main.js }
`

/** Runs a few lines of JavaScript as an action. */
async function runScript(script: string, options: Partial<RunActionOptions> = {}) {
  await using action = await temporaryDirectory()
  await writeFile(`${action.path}/action.yml`, metadata)
  await writeFile(`${action.path}/main.js`, `const fs = require('node:fs')\n${script}`)
  return await runAction({ action: action.path, ...options })
}

const printInputs = `
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'))
  console.log(JSON.stringify(Object.fromEntries(given)))`

describe('inputs', () => {
  test('have the defaults of action.yml with simple expressions, or what the step gives, under the runner’s names', async () => {
    await using run = await runScript(printInputs, {
      inputs: { 'dry-run': 'true', 'not declared': 'x' },
      token: 'T',
    })
    expect(JSON.parse(run.log)).toEqual({
      INPUT_TOKEN: 'T',
      INPUT_WHERE: `at https://github.com/acme/shop in ${run.directories.workspace}`,
      INPUT_NUMBER: '',
      'INPUT_DRY-RUN': 'true',
      INPUT_EMPTY: '',
      INPUT_NOT_DECLARED: 'x',
    })
  })

  test('follow the event and the variables', async () => {
    const event = { name: 'pull_request', payload: { number: 7 } }
    await using run = await runScript(printInputs, {
      event,
      env: { GITHUB_SERVER_URL: 'http://127.0.0.1:1', GITHUB_REPOSITORY: 'a/b' },
    })
    expect(JSON.parse(run.log)).toMatchObject({
      INPUT_NUMBER: '7',
      INPUT_WHERE: expect.stringContaining('http://127.0.0.1:1/a/b'),
    })
  })
})

test('the machine is fresh: nothing of ours is in the environment, every directory is its own', async () => {
  process.env['OF_THE_DEVELOPER'] = 'x'
  await using run = await runScript(
    `console.log(JSON.stringify([process.env, process.cwd(), fs.readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8')]))`,
    {
      env: { EXTRA: '1', RUNNER_OS: undefined },
    },
  )
  delete process.env['OF_THE_DEVELOPER']
  const [env, directory, event]: [Record<string, string>, string, string] = JSON.parse(run.log)
  expect(env).not.toHaveProperty('OF_THE_DEVELOPER')
  expect(env).not.toHaveProperty('RUNNER_OS')
  expect(env).toMatchObject({ EXTRA: '1', CI: 'true', GITHUB_ACTIONS: 'true', HOME: run.directories.home })
  expect(directory).toBe(run.directories.workspace)
  expect(JSON.parse(event)).toMatchObject({ ref: 'refs/heads/main' })
})

test('outputs, state, environment, path, summary, annotations and masks are read; the log is in order', async () => {
  await using run = await runScript(`
    fs.writeFileSync(process.env.GITHUB_OUTPUT, 'a=1\\nb<<E\\ntwo\\nlines\\nE\\n')
    fs.writeFileSync(process.env.GITHUB_STATE, 'kept=yes\\n')
    fs.writeFileSync(process.env.GITHUB_ENV, 'X=y\\n')
    fs.writeFileSync(process.env.GITHUB_PATH, '/opt/bin\\n')
    fs.writeFileSync(process.env.GITHUB_STEP_SUMMARY, '### done')
    console.log('::add-mask::hidden')
    console.log('::error file=a.ts,line=3,title=No%3A really::it%0Abroke')
    console.log('last')
    process.exitCode = 1`)
  expect(run).toMatchObject({
    exitCode: 1,
    signal: null,
    outputs: { a: '1', b: 'two\nlines' },
    state: { kept: 'yes' },
    env: { X: 'y' },
    path: ['/opt/bin'],
    summary: '### done',
    masks: ['hidden'],
    annotations: [
      { level: 'error', message: 'it\nbroke', properties: { file: 'a.ts', line: '3', title: 'No: really' } },
    ],
    log: '::error file=a.ts,line=3,title=No%3A really::it%0Abroke\nlast',
    orphans: [],
  })
})

test('the post step is another process of the same machine and finds the saved state', async () => {
  await using action = await temporaryDirectory()
  await writeFile(`${action.path}/action.yml`, metadata)
  await writeFile(
    `${action.path}/main.js`,
    `const fs = require('node:fs')
    if (process.env.STATE_main) { console.log('post of ' + process.env.STATE_main, fs.readFileSync(process.env.RUNNER_TEMP + '/note', 'utf8')) }
    else { fs.writeFileSync(process.env.RUNNER_TEMP + '/note', 'left'); fs.writeFileSync(process.env.GITHUB_STATE, 'main=' + process.pid) }`,
  )
  await using run = await runAction({ action: action.path })
  const post = await run.post()
  expect(post.log).toBe(`post of ${run.state['main']} left`)
})

const ready = (log: string) => log.includes('ready')

describe('cancelled', () => {
  const stays = `setInterval(() => {}, 1000); console.log('ready')`

  test('a step that obeys SIGINT ends by it', async () => {
    await using run = await runScript(
      `process.on('SIGINT', () => { console.log('bye'); process.exit(130) }); ${stays}`,
      { cancelAfter: ready },
    )
    expect([run.exitCode, run.log]).toEqual([130, 'ready\nbye'])
    expect(run.cancelledFor).toBeGreaterThan(0)
  })

  test.each([
    ['SIGTERM', `process.on('SIGINT', () => {})`],
    ['SIGKILL', `process.on('SIGINT', () => {}); process.on('SIGTERM', () => {})`],
  ])('one that does not ends by %s', async (signal, ignores) => {
    await using run = await runScript(`${ignores}; ${stays}`, { cancelAfter: ready, ladder: [50, 50] })
    expect([run.exitCode, run.signal]).toEqual([null, signal])
  })

  test('by a signal from outside, or after a time', async () => {
    await using after = await runScript(stays, { cancelAfter: 300 })
    expect(after.signal).toBe('SIGINT')
    await using outside = await runScript(stays, { cancelAfter: AbortSignal.timeout(300) })
    expect(outside.signal).toBe('SIGINT')
  })
})

test('a process that is left is named, and killed', async () => {
  await using run = await runScript(`
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
    child.unref()
    console.log(child.pid)`)
  expect(run.orphans).toEqual([{ pid: Number(run.log), command: expect.stringContaining('setInterval') }])
  expect((await processes()).map(({ pid }) => pid)).not.toContain(Number(run.log))
})

test('a step that never ends is an error that shows its log', async () => {
  await expect(
    runScript(`console.log('stuck'); setInterval(() => {}, 1000)`, { timeout: 300 }),
  ).rejects.toThrow(/did not end.*stuck/s)
})

test('what was made is gone when the run is disposed, unless a directory was given', async () => {
  await using kept = await temporaryDirectory()
  await mkdir(`${kept.path}/workspace`)
  let gone = ''
  {
    await using run = await runScript('')
    gone = run.directories.root
    await using other = await runScript('', { directory: kept.path, workspace: `${kept.path}/workspace` })
    expect(other.directories.workspace).toBe(`${kept.path}/workspace`)
  }
  await expect(access(gone)).rejects.toThrow('ENOENT')
  await access(`${kept.path}/home`)
})

describe('files of the runner', () => {
  test.each([
    ['a=1\nb=2=3\n', { a: '1', b: '2=3' }],
    ['a<<=\nx\n=\n', { a: 'x' }],
    ['a<<E\nE\n', { a: '' }],
    ['a<<E\r\nx\r\nE\r\n', { a: 'x' }],
    ['a=b<<c\n', { a: 'b<<c' }],
    ['a<<b=c\nx\nb=c\n', { a: 'x' }],
    ['a<<E\nx\n', undefined],
    ['nothing\n', undefined],
    ['=value\n', undefined],
  ])('%j', (text, values) => {
    if (values === undefined) expect(() => parseFileCommands(text)).toThrow('Unable to process file command')
    else expect(parseFileCommands(text)).toEqual(values)
  })
})

test('commands between stop-commands and its token are only text', () => {
  const lines = [
    '::stop-commands::tok',
    '::error::no',
    '::tok::',
    '::Warning::yes',
    '  ::notice::indented',
    'x ::error::not one',
  ]
  expect(readCommands(lines).annotations.map(({ message }) => message)).toEqual(['yes', 'indented'])
})
