// A step with `run`: the script, by the shell that the runner would take.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Step } from './grammar.ts'
import { textIn, type JobState, type Print, type Scope } from './job-state.ts'
import type { Effects } from './phase.ts'

export async function runScript(
  state: JobState,
  scope: Scope,
  step: Step,
  { env, print, signal }: { env: Record<string, string>; print: Print; signal: AbortSignal },
): Promise<Effects> {
  const shell = step.shell ?? scope.defaults.shell
  const file = join(state.temp, `script-${performance.now()}.sh`)
  await writeFile(file, textIn(state, scope, step.run ?? '', { env }))
  const shells: Record<string, [string, ...string[]]> = {
    bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', file],
    sh: ['sh', '-e', file],
    python: ['python3', file],
  }
  const argv: [string, ...string[]] | undefined = shell === undefined ? ['bash', '-e', file] : shells[shell]
  if (argv === undefined)
    throw new Error(`The shell ${shell} cannot be run here; there are bash, sh and python.`)
  const directory = step['working-directory'] ?? scope.defaults['working-directory'] ?? '.'
  const cwd = resolve(state.workspace, textIn(state, scope, directory, { env }))
  return state.start(argv, { cwd, env, print, signal })
}
