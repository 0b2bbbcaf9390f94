// What a bench is: a table of figures that were measured side by side in one run.
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '@gitops-relay/process'
import { gitEnvironment, type GitServer } from '@gitops-relay/testing'

export interface Table {
  columns: string[]
  rows: (string | number | boolean)[][]
  notes?: string[]
}

export interface Bench {
  title: string
  run: () => Promise<Table>
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** What one way took of a git server. */
export interface Cost {
  seconds: number
  requests: number
  bytes: number
}

export async function measure(git: GitServer, work: () => Promise<void>): Promise<Cost> {
  const before = git.requests.length
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  const requests = git.requests.slice(before)
  const bytes = requests.reduce((sum, { sent, received }) => sum + sent + received, 0)
  return { seconds, requests: requests.length, bytes }
}

/** Runs what a workflow's author would write, in a directory of its own under `home`. */
export async function shell(script: string, variables: Record<string, string>, home: string): Promise<void> {
  const cwd = await mkdtemp(join(home, 'work-'))
  const env = { ...gitEnvironment, PATH: process.env['PATH'] ?? '', ...variables }
  const { exitCode, stderr } = await execute(['bash', '-e', '-c', script], { cwd, env })
  await rm(cwd, { recursive: true })
  if (exitCode !== 0) throw new Error(stderr)
}
