// What the tests of this package share: a repository of one commit, and the jobs of a workflow that is run in it.
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryDirectory } from '@gitops-relay/testing'
import type { RunOptions, WorkflowRun } from './types.ts'
import { runWorkflow } from './workflow.ts'

export interface WorldOptions extends Partial<RunOptions> {
  files?: Readonly<Record<string, string>>
  /** Are they part of the commit? */
  committed?: boolean
}

/** Runs the jobs of a workflow text. What lies below `acme/tools` and `acme/flows` are repositories of those names. */
export async function run(jobs: string, { files = {}, committed = false, ...more }: WorldOptions = {}) {
  await using directory = await temporaryDirectory()
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: directory.path, encoding: 'utf8' }).trim()
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(directory.path, path)), { recursive: true })
    await writeFile(join(directory.path, path), text)
  }
  await write('file.txt', 'content\n')
  if (committed) for (const [path, text] of Object.entries(files)) await write(path, text)
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '-m', 'begin')
  for (const [path, text] of Object.entries(files)) await write(path, text)
  const workflow = join(directory.path, 'workflow.yml')
  await writeFile(workflow, `name: sample\non: push\njobs:\n${jobs.replace(/^/gm, '  ')}`)
  return await runWorkflow({
    workflow,
    root: directory.path,
    sha: git('rev-parse', 'HEAD'),
    repository: 'acme/shop',
    actions: Object.fromEntries(['acme/tools', 'acme/flows'].map(name => [name, join(directory.path, name)])),
    ...more,
  })
}

export const job = (steps: string, more = '') =>
  `a:\n  runs-on: ubuntu-latest\n${more}  steps:\n${steps.replace(/^/gm, '    ')}`

export const logOf = ({ jobs }: WorkflowRun) => jobs.flatMap(({ steps }) => steps.flatMap(({ log }) => log))
