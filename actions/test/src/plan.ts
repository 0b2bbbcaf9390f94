// Pure: from the inputs and what was found to what is run.
import type { Inputs } from './inputs.ts'

/** How a toolchain runs the tests of a project. */
export interface DetectedTests {
  toolchain: string
  argv: readonly [string, ...string[]]
  /** Absolute. */
  directory: string
  /** The texts of the scripts behind the command, such as `scripts.test` of package.json. */
  scripts: readonly string[]
}

export type Step =
  | { kind: 'script'; script: string; directory: string }
  | { kind: 'argv'; argv: readonly [string, ...string[]]; directory: string }

export interface Plan {
  install: Step | undefined
  /** Empty: nothing is run, reports alone decide. */
  commands: readonly Step[]
  /** Globs of the user's; empty: reporters of ours are injected. */
  reportPaths: readonly string[]
  /** What the commands may run, to see which reporters they name themselves. */
  scripts: readonly string[]
}

/** @param packageScripts the texts of all scripts of the project, which a command of the user's may run */
export function planTests(
  inputs: Inputs,
  detected: readonly DetectedTests[],
  packageScripts: readonly string[],
): Plan {
  const { directory, installCommand, command, reportPaths } = inputs
  const script = (text: string): Step => ({ kind: 'script', script: text, directory })
  const install = installCommand === '' || command === 'none' ? undefined : script(installCommand)
  if (command === 'none') return { install, commands: [], reportPaths, scripts: [] }
  if (command !== undefined) {
    const scripts = runsScripts(command) ? [command, ...packageScripts] : [command]
    return { install, commands: [script(command)], reportPaths, scripts }
  }
  const commands = detected.map(({ argv, directory: own }): Step => ({ kind: 'argv', argv, directory: own }))
  return { install, commands, reportPaths, scripts: detected.flatMap(({ scripts }) => scripts) }
}

const runsScripts = (command: string): boolean =>
  /\b(?:npm|pnpm|yarn|bun|make|just|task)\b|\bnode\b.* --run\b/.test(command)

export function textOf(step: Step): string {
  return step.kind === 'script' ? step.script : step.argv.join(' ')
}
