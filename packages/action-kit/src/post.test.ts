import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

let temporary: string
beforeAll(async () => void (temporary = await mkdtemp(join(tmpdir(), 'post-'))))
afterAll(() => rm(temporary, { recursive: true, force: true }))

/** A real child that is an action with both moments; `body` is what it does in the post moment. */
async function moment(state: Record<string, string>, body = '', stopOn?: NodeJS.Signals) {
  const directory = await mkdtemp(join(temporary, 'step-'))
  const [entry, file] = [join(directory, 'entry.mts'), join(directory, 'state')]
  await writeFile(
    entry,
    `import { isPost, runPost } from ${JSON.stringify(join(import.meta.dirname, 'post.ts'))}
    const inputs = { name: { default: 'x' }, 'the-token': { secret: true } }
    if (isPost) await runPost(inputs, async (host, input, signal) => { ${body} })
    console.log('MAIN')`,
  )
  await writeFile(file, 'before=1\n')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_ACTIONS: 'true',
      GITHUB_STATE: file,
      RUNNER_TEMP: directory,
      'INPUT_THE-TOKEN': 'canary-0123456789',
      INPUT_MISSPELT: 'x',
      ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (stopOn !== undefined && log.includes('READY')) child.kill(stopOn)
    })
  }
  const exitCode = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { exitCode, log: log.replace(/^::add-mask::.*\n/gm, ''), state: await readFile(file, 'utf8') }
}

test('the main moment goes on, and leaves word for the post moment beside all other state', async () => {
  expect(await moment({})).toEqual({ exitCode: 0, log: 'MAIN\n', state: 'before=1\nmoment=main\n' })
})

describe('the post moment', () => {
  const after = { moment: 'main', left: 'something' }

  test('does what is left, with state and inputs, and never what the main moment does', async () => {
    const body = `host.log.info([host.readState('left'), input.text('name'), input.text('the-token')].join(' '))`
    expect(await moment(after, body)).toEqual({
      exitCode: 0,
      log: 'something x ***\n',
      state: 'before=1\n',
    })
  })

  test('an error is a warning without secrets, and no failure', async () => {
    const { exitCode, log } = await moment(after, `throw new Error('lost ' + input.text('the-token'))`)
    expect([exitCode, log]).toEqual([0, '::warning::Something was left undone: lost ***\n'])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it', async signal => {
    const body = `console.log('READY')
      await new Promise(resolve => { const t = setInterval(() => {}, 1000); signal.addEventListener('abort', () => { clearInterval(t); resolve() }) })`
    expect(await moment(after, body, signal)).toMatchObject({ exitCode: 0, log: 'READY\n' })
  })

  test('what was put into the temporary directory is gone after it', async () => {
    const body = `const { writeFileSync, existsSync } = await import('node:fs')
      const path = await host.temporaryDirectory()
      process.on('exit', () => console.log(existsSync(path)))`
    expect(await moment(after, body)).toMatchObject({ exitCode: 0, log: 'false\n' })
  })
})
