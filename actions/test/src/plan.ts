// Pure: from the inputs and what was found to what is run.
import type { Argv } from '@gitops-relay/process'
import type { TestCommand } from '@gitops-relay/toolchains'
import type { Inputs } from './inputs.ts'

/** How a toolchain runs the tests of a project. */
export interface DetectedTests extends TestCommand {
  /** Absolute. */
  directory: string
}

export type Step =
  | { kind: 'script'; script: string; directory: string }
  | { kind: 'argv'; argv: Argv; directory: string; jest: 'from the environment' | 'by argument' }

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
  const commands = detected.map(({ argv, separator, directory: own, scripts }): Step => {
    const isDeaf = scripts.some(setsOptions) && scripts.every(endsInJest)
    return isDeaf
      ? { kind: 'argv', argv: [...argv, ...separator], directory: own, jest: 'by argument' }
      : { kind: 'argv', argv, directory: own, jest: 'from the environment' }
  })
  return { install, commands, reportPaths, scripts: detected.flatMap(({ scripts }) => scripts) }
}

/** `NODE_OPTIONS=--experimental-vm-modules jest` hears nothing of what the environment says; further arguments reach its end. */
const setsOptions = (script: string): boolean => /\bNODE_OPTIONS=/.test(script)
const endsInJest = (script: string): boolean => /\bjest\b/.test(script.split(/&&|\|\||[;|\n]/).at(-1) ?? '')

const runsScripts = (command: string): boolean =>
  /\b(?:npm|pnpm|yarn|bun|make|just|task)\b|\bnode\b.* --run\b/.test(command)

export function textOf(step: Step): string {
  return step.kind === 'script' ? step.script : step.argv.join(' ')
}
