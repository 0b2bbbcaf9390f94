// Why a command failed, in a sentence.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Ended } from '@gitops-relay/process'
import { shownCommand, type Step } from './plan.ts'

const LINES = 20

/** @throws nothing; undefined where the command did well */
export function failureOf(
  step: Step,
  { exitCode, signal, outOfMemory, stdout, stderr }: Ended,
): UserError | undefined {
  if (exitCode === 0) return undefined
  const command = `The ${step.step} command ${JSON.stringify(shownCommand(step).slice(0, 200))}`
  if (outOfMemory) {
    return new UserError(
      'out-of-memory',
      `${command} was killed, because the machine ran out of memory.`,
      'Use a larger runner, or let it run fewer jobs at once.',
    )
  }
  if (/\bENOSPC\b|no space left on device/i.test(stderr + stdout)) {
    return new UserError(
      'disk-full',
      `${command} failed, because the disk is full.`,
      'Free space before this step, or use a larger runner.',
    )
  }
  const how = signal === undefined ? `ended with exit code ${exitCode}` : `was ended by ${signal}`
  return new UserError('command-failed', `${command} ${how}.`, 'Its last lines are in the summary and above.')
}

/** The last lines of both streams, the errors' own last. */
export function lastLines({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): string {
  const lines = [stdout, stderr]
    .flatMap(text => text.split('\n').map(line => line.trimEnd()))
    .filter(line => line !== '')
  return lines.slice(-LINES).join('\n')
}
