// Toolchains that are recognised, and not built yet: refused by name, never passed over.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Project, ToolchainName } from '../types.ts'

const EVIDENCE: readonly (readonly [pattern: RegExp, name: ToolchainName])[] = [
  [/^deno\.jsonc?$|^deno\.lock$/, 'deno'],
  [/^Cargo\.toml$/, 'cargo'],
  [/^pom\.xml$/, 'maven'],
  [/^(?:build|settings)\.gradle(?:\.kts)?$/, 'gradle'],
  [/^uv\.lock$/, 'uv'],
  [/^poetry\.lock$/, 'poetry'],
  [/^pdm\.lock$/, 'pdm'],
  [/^Pipfile(?:\.lock)?$/, 'pipenv'],
  [/^requirements.*\.txt$|^pyproject\.toml$|^setup\.py$/, 'pip'],
  [/^[^/]+\.(?:sln|slnx|csproj|fsproj)$/, 'dotnet'],
  [/^CMakeLists\.txt$/, 'cmake'],
  [/^[Jj]ustfile$/, 'just'],
  [/^Taskfile\.ya?ml$/, 'task'],
  [/^composer\.json$/, 'composer'],
  [/^Gemfile$/, 'bundler'],
  [/^mix\.exs$/, 'mix'],
  [/^Package\.swift$/, 'swift'],
  [/^pubspec\.yaml$/, 'dart'],
]

/** The first of them that the project shows. */
export function recognise({ files }: Project): { name: ToolchainName; evidence: string } | undefined {
  for (const [pattern, name] of EVIDENCE) {
    const evidence = [...files].find(file => pattern.test(file))
    if (evidence !== undefined) return { name, evidence }
  }
  return undefined
}

export function notYet(name: string, evidence: string): UserError {
  const sentence = `${JSON.stringify(name)} (found by ${evidence}) is a toolchain that this version cannot drive yet.`
  return new UserError(
    'not-yet',
    sentence,
    'Write its commands into "install-command" and "command", and set "toolchain" to none.',
  )
}
