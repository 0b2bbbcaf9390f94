// What the workflow says, as one typed object; every refused value and combination is refused here.
import { statSync } from 'node:fs'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'

export const inputs: InputTable = {
  'working-directory': { default: '.' },
  toolchain: { default: 'auto' },
  'dry-run': { default: 'false' },
  'install-command': {},
  cache: { default: 'restore', later: ['true'] },
  command: {},
  'pass-env': {},
  'allow-untrusted': { default: 'false' },
  'report-paths': {},
  'min-tests': { default: '1' },
  retries: { default: '0', later: true },
  'fail-on-flaky': { default: 'false' },
  shard: { later: true },
  'timings-path': { later: true },
  'coverage-paths': { later: true },
  'coverage-threshold': { later: true },
  'affected-base': { later: true },
  merge: { later: true },
  annotations: { default: 'true' },
}

export interface Inputs {
  /** Absolute. */
  directory: string
  toolchains: readonly string[]
  dryRun: boolean
  /** A script, or empty. */
  installCommand: string
  cache: 'true' | 'false' | 'restore'
  /** A script; undefined: the detected one; `none`: nothing is run. */
  command: string | undefined
  passEnv: readonly string[]
  /** Globs, relative to `directory`; empty: a reporter of ours is injected. */
  reportPaths: readonly string[]
  minTests: number
  failOnFlaky: boolean
  annotations: boolean
}

export function readInputs(input: InputReader, host: Host): Inputs {
  const allowUntrusted = input.boolean('allow-untrusted')
  if (host.run.untrusted && !allowUntrusted) {
    const sentence = `The event ${host.run.event} has access to secrets, and the code is a fork's.`
    const remedy = 'Run the tests on pull_request, or set "allow-untrusted" to true.'
    throw new UserError('untrusted-checkout', sentence, remedy)
  }
  const cache = input.oneOf('cache', ['true', 'false', 'restore'])
  const command = input.text('command')
  const reportPaths = input.list('report-paths')
  if (command === 'none' && reportPaths.length === 0) {
    const sentence = '"command" is "none", and "report-paths" is empty: there is nothing to judge.'
    throw new UserError('no-reports', sentence, 'Name the reports in "report-paths".')
  }
  return {
    directory: readDirectory(input),
    toolchains: input.list('toolchain', { commas: true }),
    dryRun: input.boolean('dry-run'),
    installCommand: input.text('install-command'),
    cache: host.run.untrusted ? 'false' : cache,
    command: command === '' ? undefined : command,
    passEnv: input.list('pass-env', { commas: true }),
    reportPaths,
    minTests: input.integer('min-tests', { min: 0 }) ?? 1,
    failOnFlaky: input.boolean('fail-on-flaky'),
    annotations: input.boolean('annotations'),
  }
}

function readDirectory(input: InputReader): string {
  const directory = input.path('working-directory')
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return directory
  const sentence = `"working-directory" is ${JSON.stringify(input.text('working-directory'))}, which is no directory.`
  throw new UserError(
    'no-directory',
    sentence,
    'Check out the repository first, or write a path inside of it.',
  )
}
