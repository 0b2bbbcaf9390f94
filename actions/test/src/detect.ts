// Which command runs the tests of a project.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Inputs } from './inputs.ts'
import type { DetectedTests } from './plan.ts'

type Manager = 'npm' | 'pnpm'

const LOCK_FILES: readonly (readonly [file: string, manager: Manager])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
]
// What `npm init` writes.
const NO_TESTS = /^echo ['"]?Error: no test specified/

/** The script `test` of package.json, by the package manager that the project names or has a lock file of. */
export async function detectTests({
  directory,
  toolchains,
}: Pick<Inputs, 'directory' | 'toolchains'>): Promise<readonly DetectedTests[]> {
  const unknown = toolchains.find(name => !['auto', 'npm', 'pnpm'].includes(name))
  if (unknown !== undefined) {
    const sentence = `"toolchain" is "${unknown}", whose tests are not detected yet.`
    throw new UserError(
      'not-yet',
      sentence,
      'Write the test command into "command" and its reports into "report-paths".',
    )
  }
  const found = await readPackage(directory)
  const script = found.scripts['test'] ?? ''
  if (script === '' || NO_TESTS.test(script)) {
    const sentence =
      'There is no script "test" in a package.json here, so nobody knows how the tests are run.'
    throw new UserError(
      'no-toolchain',
      sentence,
      'Write the test command into "command", or mend "working-directory".',
    )
  }
  const manager = chooseManager(toolchains, found.packageManager, await readdir(directory))
  return [
    {
      toolchain: manager,
      argv: [manager, 'run', 'test'],
      separator: manager === 'npm' ? ['--'] : [],
      directory,
      scripts: [script],
    },
  ]
}

function chooseManager(wanted: readonly string[], field: string, files: readonly string[]): Manager {
  const named = (['npm', 'pnpm'] as const).find(name => wanted.includes(name) || field.startsWith(`${name}@`))
  if (named !== undefined) return named
  const locks = LOCK_FILES.filter(([file]) => files.includes(file))
  const [first, other] = [...new Map(locks.map(([file, manager]) => [manager, file]))]
  if (first === undefined || other === undefined) return first?.[0] ?? 'npm'
  const sentence = `There is ${first[1]} of ${first[0]} and ${other[1]} of ${other[0]}.`
  throw new UserError(
    'ambiguous-toolchain',
    sentence,
    'Delete one, or write "packageManager" into package.json, or set "toolchain".',
  )
}

/** The texts of a project's scripts, which a command of the user's may run. */
export async function packageScripts(directory: string): Promise<readonly string[]> {
  return Object.values((await readPackage(directory)).scripts)
}

/** Of a package.json that is missing or broken: nothing. Its own tools say it better. */
async function readPackage(
  directory: string,
): Promise<{ packageManager: string; scripts: Record<string, string> }> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = {}
  }
  const { packageManager, scripts } = isObject(parsed) ? parsed : {}
  const texts = Object.entries(isObject(scripts) ? scripts : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return {
    packageManager: typeof packageManager === 'string' ? packageManager : '',
    scripts: Object.fromEntries(texts),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
