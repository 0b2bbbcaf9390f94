// The one place where a shell is started: for a script that the user wrote.
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import type { Argv, Environment } from './types.ts'

/**
 * Writes a user's script into `directory` (a private one, which the caller removes) and says how to run it:
 * bash that stops at the first failure, else `sh -e`; on Windows without bash, PowerShell.
 */
export async function shellScript(
  script: string,
  { directory, platform, env }: { directory: string; platform: string; env: Environment },
): Promise<Argv> {
  const windows = platform === 'win32'
  const bash = await findProgram('bash', env, platform)
  const file = join(directory, `command-${randomUUID()}.${windows && bash === undefined ? 'ps1' : 'sh'}`)
  const head = file.endsWith('.ps1') ? "$ErrorActionPreference = 'stop'\n" : ''
  await writeFile(file, `${head}${script}\n`, { mode: 0o600 })
  if (bash !== undefined) return [bash, '--noprofile', '--norc', '-eo', 'pipefail', file]
  return windows ? ['pwsh', '-NoProfile', '-NonInteractive', '-File', file] : ['sh', '-e', file]
}
