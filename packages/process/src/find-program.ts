// Where a program is, by the PATH that a child will have.
import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Environment } from './types.ts'

/** Absolute path, or undefined. On Windows also with the endings of programs. */
export async function findProgram(
  name: string,
  env: Environment,
  platform: string = process.platform,
): Promise<string | undefined> {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  const path = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH')?.[1] ?? ''
  const directories = isAbsolute(name) ? [''] : path.split(delimiter).filter(part => part !== '')
  for (const candidate of directories.flatMap(directory =>
    endings.map(ending => join(directory, name + ending)),
  )) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  return undefined
}
