// Which command runs the tests of a project.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { detectToolchains, type Project } from '@gitops-relay/toolchains'
import type { Inputs } from './inputs.ts'
import type { DetectedTests } from './plan.ts'

/**
 * The test command of every toolchain that is used: none is passed over.
 * @throws UserError `no-toolchain`, `not-yet`, and what detection says
 */
export async function detectTests(
  project: Project,
  { directory, toolchains }: Pick<Inputs, 'directory' | 'toolchains'>,
): Promise<readonly DetectedTests[]> {
  const found = await detectToolchains(project, toolchains)
  const later = found.find(({ name }) => name !== 'npm' && name !== 'pnpm')
  if (later !== undefined) {
    const sentence = `"${later.name}" (found by ${later.evidence}) has tests that this version cannot run by itself.`
    const remedy = 'Write the test command into "command" and its reports into "report-paths".'
    throw new UserError('not-yet', sentence, remedy)
  }
  const detected = found.flatMap(({ test }) => (test === undefined ? [] : [{ ...test, directory }]))
  if (detected.length > 0) return detected
  const sentence = 'There is no script "test" in a package.json here, so nobody knows how the tests are run.'
  throw new UserError(
    'no-toolchain',
    sentence,
    'Write the test command into "command", or mend "working-directory".',
  )
}

/**
 * The texts of a project's scripts, which a command of the user's may run. Of a package.json that is missing or broken:
 * none. Its own tools say it better.
 */
export async function packageScripts(directory: string): Promise<readonly string[]> {
  try {
    const text = await readFile(join(directory, 'package.json'), 'utf8')
    const { scripts } = JSON.parse(text) as { scripts?: object } // oxlint-disable-line no-unsafe-type-assertion -- looked at below
    return Object.values(scripts ?? {}).filter(script => typeof script === 'string')
  } catch {
    return []
  }
}
