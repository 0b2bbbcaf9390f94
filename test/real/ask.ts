// Asks real programs, each in one process for all questions of a test file.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe } from '@jest/globals'

export type Answer<Value> = { value: Value; error?: undefined } | { error: string; value?: undefined }

// oxlint-disable-next-line no-unsafe-type-assertion -- written by scripts/real.ts
const tools = JSON.parse(process.env['GITOPS_RELAY_REAL'] ?? '{}') as Record<string, string>
const readers = join(import.meta.dirname, 'readers')

const programs = {
  javascript: (name: string, directory: string) => [
    process.execPath,
    join(readers, 'javascript.ts'),
    name,
    directory,
  ],
  python: (name: string) => ['python3', join(readers, 'python.py'), name],
  go: (name: string, directory: string) => [join(directory, 'readers'), name],
}
export type Tool = keyof typeof programs

/** Skips, by name, what this machine has no tool for. */
export function describeWith(tool: Tool): typeof describe | typeof describe.skip {
  return tools[tool] === undefined ? describe.skip : describe
}

/** The answers of one of a tool's readers to JSON questions, in their order. */
export function ask<Value>(tool: Tool, reader: string, questions: readonly unknown[]): Answer<Value>[] {
  const directory = tools[tool] ?? ''
  const [program = '', ...rest] = programs[tool](reader, directory)
  const { status, stdout, stderr, error } = spawnSync(program, rest, {
    input: JSON.stringify(questions),
    maxBuffer: 1e9,
    env: { ...process.env, PYTHONPATH: directory },
  })
  if (status !== 0) throw new Error(`${reader} failed: ${stderr.toString()}`, { cause: error })
  return JSON.parse(stdout.toString()) as Answer<Value>[] // oxlint-disable-line no-unsafe-type-assertion
}
