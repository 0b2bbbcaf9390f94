// Which commands are run, in which order. Pure.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Argv } from '@gitops-relay/process'
import type { Toolchain } from '@gitops-relay/toolchains'
import type { Inputs } from './inputs.ts'

export interface Step {
  /** Empty for a command of the user's. */
  toolchain: string
  step: 'install' | 'build'
  /** A program with its arguments, or the user's script. */
  command: Argv | string
}

/**
 * A command of the user's replaces that step of every toolchain, and runs once.
 * @throws UserError `no-toolchain` where there is nothing to do at all
 */
export function planSteps(found: readonly Toolchain[], { installCommand, command }: Inputs): Step[] {
  const steps = (step: Step['step'], script: string): Step[] =>
    script !== ''
      ? [{ toolchain: '', step, command: script }]
      : found.flatMap(toolchain => {
          const argv = toolchain[step]
          return argv === undefined ? [] : [{ toolchain: toolchain.name, step, command: argv }]
        })
  const planned = [...steps('install', installCommand), ...steps('build', command)]
  if (planned.length > 0 || found.length > 0) return planned
  throw new UserError('no-toolchain', '"toolchain" is none, and no command is given.', 'Write "command".')
}

export const shownCommand = ({ command }: Step) => (typeof command === 'string' ? command : command.join(' '))
