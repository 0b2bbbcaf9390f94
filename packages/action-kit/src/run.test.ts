import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

let temporary: string
beforeAll(async () => void (temporary = await mkdtemp(join(tmpdir(), 'run-'))))
afterAll(() => rm(temporary, { recursive: true, force: true }))

const preamble = `
  import { run, UserError, Cancelled } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
  const inputs = { name: { default: 'x' }, token: { secret: true } }
  const definition = { name: 'sample', inputs, outputs: ['result', 'reason', 'value'] }
  const done = (value, more) => ({ result: 'good', outputs: { value }, summary: '### sample: done\\n', ...more })
`

/** A real child with the runner's environment; `body` is the function that an action hands to run. */
async function step(
  body: string,
  { input = {}, stopOn }: { input?: Record<string, string>; stopOn?: NodeJS.Signals } = {},
) {
  const directory = await mkdtemp(join(temporary, 'step-'))
  const entry = join(directory, 'entry.mts')
  const [output, summary] = [join(directory, 'output'), join(directory, 'summary')]
  await writeFile(entry, `${preamble}\nawait run(definition, async (host, input, signal) => { ${body} })`)
  await writeFile(output, 'value=forged\n')
  await writeFile(summary, '')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    env: {
      PATH: process.env['PATH'],
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      RUNNER_TEMP: directory,
      GITHUB_WORKSPACE: directory,
      ...Object.fromEntries(
        Object.entries(input).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
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
  const outputs: Record<string, string> = Object.fromEntries(
    [...(await readFile(output, 'utf8')).matchAll(/^([\w-]+)<<(.+)\n([^]*?)\n\2$/gm)].map(
      ([, name, , value]) => [name ?? '', value ?? ''],
    ),
  )
  const left = (await readdir(directory)).filter(name => name.startsWith('gitops-relay-'))
  return { exitCode, log, outputs, summary: await readFile(summary, 'utf8'), left }
}

test('outputs replace whatever a child wrote, and are all set', async () => {
  const { exitCode, outputs, summary } = await step(`return done('1')`)
  expect({ exitCode, outputs, summary }).toEqual({
    exitCode: 0,
    outputs: { result: 'good', reason: '', value: '1' },
    summary: '### sample: done\n',
  })
})

describe('a red step says why', () => {
  test('a mistake of the user: one error with its remedy, no stack', async () => {
    const { exitCode, outputs, log } = await step(
      `throw new UserError('bad-thing', 'It is bad.', 'Mend it.')`,
    )
    expect(exitCode).toBe(1)
    expect(outputs).toEqual({ result: 'failed', reason: 'bad-thing: It is bad.', value: '' })
    expect(log.trim()).toBe('::error::bad-thing: It is bad. Mend it.')
  })

  test('a mistake of ours: stack and cause', async () => {
    const { exitCode, outputs, log } = await step(
      `throw new Error('outer', { cause: new TypeError('inner') })`,
    )
    expect(exitCode).toBe(1)
    expect(outputs['reason']).toBe('bug: outer')
    expect(log).toMatch(/Error: outer\n\s+at [^]*Caused by: TypeError: inner[^]*::error::bug: outer/)
  })

  test('known outputs stay', async () => {
    const { outputs } = await step(
      `return done('7', { result: 'failed', failure: new UserError('a', 'B.', 'C.') })`,
    )
    expect(outputs).toEqual({ result: 'failed', reason: 'a: B.', value: '7' })
  })

  test('a misspelt input, before anything is done', async () => {
    const { outputs, log } = await step(`console.log('BEGAN'); return done('1')`, { input: { nmae: 'y' } })
    expect(outputs['reason']).toBe('unknown-input: There is no input "nmae".')
    expect(log).not.toContain('BEGAN')
  })

  test('a body that nothing can continue is a bug, not a green step', async () => {
    const { exitCode, outputs } = await step(`await new Promise(() => {})`)
    expect(exitCode).toBe(1)
    expect(outputs['reason']).toBe('bug: sample ended before it was done.')
  })

  test('an error outside of the body is one of the step', async () => {
    const { exitCode, outputs } = await step(
      `setTimeout(() => { throw new Error('stray') }); await new Promise(() => {})`,
    )
    expect([exitCode, outputs['reason']]).toEqual([1, 'bug: stray'])
  })
})

describe('secrets', () => {
  const input = { token: 'canary-0123456789' }

  test('are masked before the body begins, and redacted in all that is printed', async () => {
    const body = `host.log.info('it is ' + input.text('token')); host.log.foreign(Buffer.from(input.text('token')).toString('hex')); return done('1')`
    const { log } = await step(body, { input })
    expect(log).toMatch(/^::add-mask::canary-0123456789\n/)
    const printed = log.replace(/^::add-mask::.*\n/gm, '')
    expect(printed).toBe('it is ***\n***\n')
  })

  test('an output that holds one fails the step and is empty', async () => {
    const { exitCode, outputs } = await step(`return done('a ' + input.text('token'))`, { input })
    expect(exitCode).toBe(1)
    expect(outputs).toMatchObject({ result: 'failed', value: '' })
    expect(outputs['reason']).toMatch(/^output-masked: The output "value"/)
  })

  test('errors and stacks do not hold them', async () => {
    const { log, outputs } = await step(`throw new Error('no ' + input.text('token'))`, { input })
    expect(log.replace(/^::add-mask::.*\n/gm, '')).not.toContain(input.token)
    expect(outputs['reason']).not.toContain(input.token)
  })
})

describe('a cancelled step', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s: the body may still say what it knows', async stopOn => {
    const body = `
      console.log('READY')
      await new Promise(resolve => { const t = setInterval(() => {}, 1000); signal.addEventListener('abort', () => { clearInterval(t); resolve() }) })
      throw new Cancelled('landed', { value: 'abc' })`
    const { exitCode, outputs } = await step(body, { stopOn })
    expect(exitCode).toBe(130)
    expect(outputs).toMatchObject({ result: 'failed', value: 'abc' })
    expect(outputs['reason']).toMatch(/^cancelled: .*landed/)
  })

  test('a body that does not listen is left in time, its state unknown', async () => {
    const started = Date.now()
    const { exitCode, outputs } = await step(
      `console.log('READY'); setInterval(() => {}, 1000); await new Promise(() => {})`,
      {
        stopOn: 'SIGTERM',
      },
    )
    expect(exitCode).toBe(130)
    expect(outputs['reason']).toContain('unknown')
    expect(Date.now() - started).toBeLessThan(7000)
  })

  test('the temporary directory goes, whatever happened', async () => {
    const { left } = await step(`await host.temporaryDirectory(); throw new Error('x')`)
    expect(left).toEqual([])
  })
})

test('annotations keep a place for the error that made the step red', async () => {
  const { log } = await step(`
    for (let i = 0; i < 15; i++) host.log.error('finding ' + i, { file: 'a.ts', line: i })
    throw new UserError('red', 'Red.', '')`)
  expect(log.match(/^::error /gm)).toHaveLength(9)
  expect(log).toContain('error: a.ts:14: finding 14')
  expect(log).toMatch(/^::error::red: Red\.$/m)
})
