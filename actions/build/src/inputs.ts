// What the workflow says, as one typed object; every refused value and combination is refused here.
import { statSync } from 'node:fs'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'

export const inputs: InputTable = {
  'working-directory': { default: '.' },
  toolchain: { default: 'auto' },
  'install-command': {},
  command: {},
  cache: { default: 'true' },
  'cache-suffix': {},
  'cache-paths': { later: true },
  'cache-key': { later: true },
  'pass-env': {},
  'allow-untrusted': { default: 'false' },
  'artifact-path': {},
  annotations: { default: 'true' },
  'dry-run': { default: 'false' },
}

export interface Inputs {
  /** Absolute. */
  directory: string
  toolchains: readonly string[]
  /** A script, or empty. */
  installCommand: string
  command: string
  cache: 'true' | 'false' | 'restore'
  cacheSuffix: string
  passEnv: readonly string[]
  /** Globs relative to `directory`; empty: where the toolchain puts things. */
  artifactPath: readonly string[]
  dryRun: boolean
}

export function readInputs(input: InputReader, host: Host): Inputs {
  const allowUntrusted = input.boolean('allow-untrusted')
  if (host.run.untrusted && !allowUntrusted) {
    const sentence = `The event ${host.run.event} has access to secrets, and the code is a fork's.`
    throw new UserError(
      'untrusted-checkout',
      sentence,
      'Build on pull_request, or set "allow-untrusted" to true.',
    )
  }
  const cache = input.oneOf('cache', ['true', 'false', 'restore'])
  input.boolean('annotations')
  return {
    directory: readDirectory(input),
    toolchains: input.list('toolchain', { commas: true }),
    installCommand: input.text('install-command'),
    command: input.text('command'),
    cache: host.run.untrusted ? 'false' : cache,
    cacheSuffix: input.singleLine('cache-suffix'),
    passEnv: input.list('pass-env', { commas: true }),
    artifactPath: input.list('artifact-path'),
    dryRun: input.boolean('dry-run'),
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
