// The post moment of a step: the same bundle runs again when the job ends, and knows it by what its main moment has left.
import { appendFileSync } from 'node:fs'
import { runnerFace } from './face.ts'
import { createHost } from './host.ts'
import { createInputReader, type InputReader } from './input-reader.ts'
import type { Host, InputTable } from './types.ts'

/**
 * Is this the post moment? Found out, and said to the post moment, as this module is loaded: it has to be the first
 * import of an action. A process that is killed before that leaves nothing behind, and the runner, which starts both
 * moments in the same way, would have the action done in the post moment.
 */
export const isPost: boolean = readMoment()

function readMoment(): boolean {
  const { STATE_moment: moment, GITHUB_STATE: file } = process.env
  if (moment !== undefined && moment !== '') return true
  try {
    if (file) appendFileSync(file, 'moment=main\n')
  } catch {
    // Without state there is nothing to do in the post moment, and the runner tells of its own file.
  }
  return false
}

/**
 * Runs what is left to do and ends the process, always with exit code 0: an error is a warning, for the step has its
 * result. Inputs are not checked again; secrets are masked before `body` begins. SIGINT and SIGTERM abort `signal`.
 */
export async function runPost(
  inputs: InputTable,
  body: (host: Host, input: InputReader, signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const host = createHost(runnerFace(process.env), process.env)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  const values = Object.fromEntries(
    Object.keys(inputs).flatMap(name => {
      const value = process.env[`INPUT_${name.toUpperCase()}`]
      return value === undefined ? [] : [[name, value]]
    }),
  )
  for (const [name, { secret }] of Object.entries(inputs)) {
    const value = (values[name] ?? '').trim()
    if (secret && value !== '') host.mask(value)
  }
  try {
    await body(host, createInputReader(inputs, values, host.workspace), stop.signal)
  } catch (error) {
    host.log.warning(`Something was left undone: ${error instanceof Error ? error.message : String(error)}`)
  }
  await host.cleanUp()
  // Pipes are written at once on POSIX, later on Windows: what was printed goes out first.
  return new Promise(() => process.stdout.write('', () => process.exit(0)))
}
