// Which toolchains a project uses, with the evidence for each.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { detectGo } from './rules/go.ts'
import { notYet, recognise } from './rules/later.ts'
import { detectMake } from './rules/make.ts'
import { detectNode } from './rules/node.ts'
import { toolchainNames, type Project, type Toolchain } from './types.ts'

/**
 * @param wanted `['auto']` for all that are found, or names; empty for none
 * @throws UserError `ambiguous-toolchain`, `no-toolchain`, `not-yet`, `unknown-toolchain`
 */
export async function detectToolchains(project: Project, wanted: readonly string[]): Promise<Toolchain[]> {
  const isAuto = wanted.includes('auto')
  const names = wanted.filter(name => name !== 'auto' && name !== 'none')
  const unknown = names.find(name => !toolchainNames.some(known => known === name))
  if (unknown !== undefined) {
    throw new UserError(
      'unknown-toolchain',
      `There is no toolchain ${JSON.stringify(unknown)}.`,
      `Write auto, none, or some of: ${toolchainNames.join(' ')}.`,
    )
  }
  if (!isAuto && names.length === 0) return []

  const [node, go] = [await detectNode(project, names), await detectGo(project)]
  const found = [node, go].filter(toolchain => toolchain !== undefined)
  const later = recognise(project)
  if (isAuto && later !== undefined) throw notYet(later.name, later.evidence)
  const make = await detectMake(project)
  if (make !== undefined && (names.includes('make') || found.length === 0)) found.push(make)
  if (isAuto && found.length > 0) return found

  const chosen = found.filter(({ name }) => names.includes(name))
  const missing = names.find(name => !chosen.some(toolchain => toolchain.name === name))
  if (!isAuto && missing === undefined) return chosen
  if (missing !== undefined && later?.name === missing) throw notYet(missing, later.evidence)
  const sentence =
    missing === undefined
      ? 'No toolchain was found here.'
      : `Nothing here is built with ${JSON.stringify(missing)}.`
  const looked = 'Looked for package.json, go.mod and a Makefile in "working-directory".'
  throw new UserError(
    'no-toolchain',
    `${sentence} ${looked}`,
    'Correct "working-directory", or write "command".',
  )
}
