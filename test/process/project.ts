// A workspace made for one test: files, a commit where it is needed, and what is in it now.
import { createHash } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execute, type Argv } from '@gitops-relay/process'
import { gitEnvironment, temporaryDirectory, type ActionRun } from '@gitops-relay/testing'
import { fixtures, readTree } from '../e2e/shop.ts'

export const shop = () => readTree(join(fixtures, 'apps', 'shop'))

export interface Project extends AsyncDisposable {
  path: string
  /** Commits all that is there. */
  commit(): Promise<void>
  sh(...argv: Argv): Promise<void>
  /** Path → kind, mode, time and content of everything but `.git`. */
  snapshot(): Promise<Record<string, string>>
}

export async function project(files: Readonly<Record<string, string>>): Promise<Project> {
  const directory = await temporaryDirectory()
  const { path } = directory
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  const sh = async (...argv: Argv) => {
    const env = { ...gitEnvironment, PATH: process.env['PATH'] ?? '' }
    const { exitCode, stderr } = await execute(argv, { cwd: path, env })
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  }
  return {
    path,
    sh,
    async commit() {
      await sh('git', 'init', '-q', '-b', 'main')
      await sh('git', 'add', '-A')
      await sh('git', 'commit', '-q', '-m', 'begin')
    },
    snapshot: () => snapshot(path),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

async function snapshot(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const file of (await readdir(directory, { recursive: true })).toSorted()) {
    if (file === '.git' || file.startsWith('.git/')) continue
    const stat = await lstat(join(directory, file))
    const content = stat.isSymbolicLink()
      ? await readlink(join(directory, file))
      : stat.isFile()
        ? await readFile(join(directory, file))
        : ''
    const digest = createHash('sha256').update(content).digest('hex')
    found[file] = `${stat.mode.toString(8)} ${stat.mtimeMs} ${digest}`
  }
  return found
}

/** What the step left in the temp directory of the runner, without what the runner itself keeps there. */
export async function leftInTemp({ directories }: ActionRun): Promise<string[]> {
  const names = await readdir(directories.temp)
  return names.filter(name => !['_runner_file_commands', '_github_workflow'].includes(name))
}

/** An event with access to secrets whose code is a fork's. */
export const forked = {
  name: 'pull_request_target',
  payload: { pull_request: { number: 7, head: { repo: { full_name: 'stranger/shop' } } } },
}

/** Lines of a child that would be commands if they reached the runner as they are. */
export const HOSTILE = [
  '::set-output name=result::stolen',
  '  ::set-env name=PATH::/tmp',
  '::add-mask::built',
  '::stop-commands::pause',
  '::save-state name=a::b',
  '::add-matcher::matcher.json',
  '##[add-mask]built',
  'text ##[set-output name=result]stolen',
  '\u001b[31m::add-mask::red',
  'progress\r::add-mask::return',
  '\u00a0::add-mask::blank',
  '::group::title%0A::add-mask::inner',
  '::notice::text%0A::add-mask::inner',
  '::ERROR::told',
]

/** Runs `body` for each item, two at a time. */
export async function inPairs<Item>(items: readonly Item[], body: (item: Item) => Promise<void>) {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await body(item)
  }
  await Promise.all([lane(), lane()])
}
