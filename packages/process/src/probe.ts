// Short reads: a version, a list. What may block or write belongs to `execute`.
import { getExecOutput } from '@actions/exec'
import { findProgram } from './find-program.ts'
import type { Argv, Environment } from './types.ts'

/**
 * Runs a program to its end and gives back what it printed; prints nothing itself.
 * A program that is not there has exit code 127, as a shell would say. It must not read its input, which stays open:
 * `@actions/exec` writes to it unguarded, and a program that ended first would end us.
 */
export async function probe(
  argv: Argv,
  { cwd, env }: { cwd: string; env: Environment },
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [program, ...rest] = argv
  const found = await findProgram(program, env)
  if (found === undefined) return { exitCode: 127, stdout: '', stderr: `${program}: not found` }
  const options = { cwd, env: { ...env }, silent: true, ignoreReturnCode: true }
  try {
    return await getExecOutput(`"${found}"`, rest, options)
  } catch (error) {
    return { exitCode: 127, stdout: '', stderr: error instanceof Error ? error.message : String(error) }
  }
}
