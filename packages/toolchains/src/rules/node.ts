// npm and pnpm: the `packageManager` field decides, then the lock file.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Project, Toolchain } from '../types.ts'
import { notYet } from './later.ts'

const LOCKS: readonly (readonly [file: string, manager: string])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]

// What `npm init` writes.
const NO_TESTS = /^echo ['"]?Error: no test specified/

/** @param wanted managers that the user named; empty when all are welcome */
export async function detectNode(
  { files, read }: Project,
  wanted: readonly string[],
): Promise<Toolchain | undefined> {
  if (!files.has('package.json')) return undefined
  const { packageManager, scripts } = parsePackage(await read('package.json'))
  const locks = LOCKS.filter(([file]) => files.has(file))
  const managers = [...new Set(locks.map(([, manager]) => manager))]
  const named =
    wanted.find(name => LOCKS.some(([, manager]) => manager === name)) ?? packageManager.split('@')[0]
  if (!named && managers.length > 1) {
    const sentence = `There are lock files of several package managers: ${locks.map(([file]) => file).join(', ')}.`
    const remedy =
      'Delete the stale one, name one in "packageManager" of package.json, or in the input "toolchain".'
    throw new UserError('ambiguous-toolchain', sentence, remedy)
  }
  const manager = named || managers[0] || 'npm'
  const lock = locks.find(([, owner]) => owner === manager)?.[0]
  const common = {
    evidence: lock ?? 'package.json',
    setup: 'actions/setup-node',
    artifacts: ['dist/**', 'build/**', 'out/**', 'lib/**'],
  }
  const script = (scripts['test'] ?? '').trim()
  const test = (program: 'npm' | 'pnpm', separator: readonly string[]) =>
    script === '' || NO_TESTS.test(script)
      ? {}
      : { test: { argv: [program, 'run', 'test'] as const, separator, scripts: [script] } }
  const hasBuild = (scripts['build'] ?? '').trim() !== ''
  switch (manager) {
    case 'npm':
      return {
        name: 'npm',
        ...common,
        install: ['npm', lock === undefined ? 'install' : 'ci', '--no-audit', '--no-fund'],
        ...(hasBuild ? { build: ['npm', 'run', 'build'] as const } : {}),
        ...test('npm', ['--']),
        version: ['npm', '--version'],
        ...(lock === undefined
          ? {}
          : { cache: { directory: ['npm', 'config', 'get', 'cache'] as const, lock } }),
      }
    case 'pnpm':
      return {
        name: 'pnpm',
        ...common,
        setup: 'pnpm/action-setup',
        install: lock === undefined ? ['pnpm', 'install'] : ['pnpm', 'install', '--frozen-lockfile'],
        ...(hasBuild ? { build: ['pnpm', 'run', 'build'] as const } : {}),
        ...test('pnpm', []),
        version: ['pnpm', '--version'],
        ...(lock === undefined
          ? {}
          : { cache: { directory: ['pnpm', 'store', 'path', '--silent'] as const, lock } }),
      }
    default:
      throw notYet(manager, lock ?? 'package.json')
  }
}

function parsePackage(text: string): {
  packageManager: string
  scripts: Record<string, unknown> & Record<string, string>
} {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new UserError('bad-package', 'package.json is not valid JSON.', 'Mend it.', { cause })
  }
  const fields = new Map(Object.entries(parsed ?? {}))
  const scripts = Object.entries(fields.get('scripts') ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  const manager: unknown = fields.get('packageManager')
  return { packageManager: typeof manager === 'string' ? manager : '', scripts: Object.fromEntries(scripts) }
}
