import { expect, test } from '@jest/globals'
import type { Ended } from '@gitops-relay/process'
import { recordingHost } from '@gitops-relay/testing'
import { createRunner, type Hands } from './runner.ts'
import type { Plan } from './plan.ts'

const ended: Ended = {
  exitCode: 0,
  signal: undefined,
  status: 0,
  timedOut: false,
  outOfMemory: false,
  stdout: '',
  stderr: '',
  dropped: 0,
  duration: 1,
}

/** The commands are numbers: what they end with. */
async function run(commands: number[], probes = true) {
  await using host = await recordingHost({ env: { NODE_OPTIONS: '--no-warnings' } })
  const seen: { argv: string; env: Record<string, string> }[] = []
  const hands: Hands = {
    execute: (argv, { env, onLine }) => {
      seen.push({ argv: argv.join(' '), env })
      for (let line = 0; line < 30; line++) onLine?.(`${argv[1]}: ${line}`, 'stdout')
      return Promise.resolve({ ...ended, status: Number(argv[1]) })
    },
    probe: () => Promise.resolve({ exitCode: probes ? 0 : 9 }),
    scrubbedEnvironment: env =>
      Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? ''])),
    shellScript: script => Promise.resolve(['sh', script]),
    relay: () => () => {},
  }
  const plan: Plan = {
    install: undefined,
    commands: commands.map(code => ({
      kind: 'argv',
      argv: ['exit', String(code)],
      directory: '/',
      jest: 'from the environment',
    })),
    reportPaths: [],
    scripts: [],
  }
  const ending = await createRunner(host, [], hands).test(plan, '/reports', new AbortController().signal)
  return { ending, seen }
}

test.each<[codes: number[], status: number | undefined]>([
  [[0, 0], 0],
  [[0, 3], 3],
  [[3, 0], 3],
  [[3, 4], 3],
  [[], undefined],
])('commands that end with %j', async (codes, status) => {
  const { ending, seen } = await run(codes)
  expect(ending?.status).toBe(status)
  expect(seen.map(({ argv }) => argv)).toEqual(codes.map(code => `exit ${code}`))
})

test('the last lines of the output are kept', async () => {
  const { ending } = await run([5])
  expect([ending?.tail.length, ending?.tail.at(0), ending?.tail.at(-1)]).toEqual([20, '5: 10', '5: 29'])
})

test('a Node that does not start with our options gets none', async () => {
  expect((await run([0])).seen[0]?.env['NODE_OPTIONS']).toMatch(/^--no-warnings --require .*preload\.cjs/)
  expect((await run([0], false)).seen[0]?.env).toEqual({ NODE_OPTIONS: '--no-warnings' })
})
