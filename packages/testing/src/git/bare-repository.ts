// One bare repository on disk: commits are written by plumbing, so that they work while others push.
import { appendFile, mkdir } from 'node:fs/promises'
import { git, gitOutput } from './git.ts'

/** Path → content; `null` deletes. */
export type Files = Readonly<Record<string, string | Uint8Array | SpecialFile | null>>

export interface SpecialFile {
  /** 100755 is executable, 120000 a symbolic link to `content`, 160000 a submodule at the commit `content`. */
  mode: '100644' | '100755' | '120000' | '160000'
  content: string
}

export interface Commit {
  sha: string
  message: string
  parents: string[]
  /** `Name <mail>`. */
  author: string
}

/** What a hosted server allows: pushes over HTTP, partial clones, single objects by their id. */
const serverConfiguration = `[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[receive]
	autogc = false
[gc]
	auto = 0
`

export async function initialise(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await gitOutput(directory, ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', '.'])
  await appendFile(`${directory}/config`, serverConfiguration)
}

/** Adds a commit on top of a branch (created when it is not there) and gives its SHA back. Tried again when a push comes between. */
export async function commit(
  directory: string,
  branch: string,
  files: Files,
  message: string,
): Promise<string> {
  for (;;) {
    const parent = await head(directory, branch)
    const { exitCode, stdout, stderr } = await git(
      directory,
      ['fast-import', '--quiet', '--date-format=now'],
      Buffer.concat([
        Buffer.from(`commit refs/heads/${branch}\nmark :1\ncommitter Test World <world@test.invalid> now\n`),
        blob(message),
        Buffer.from(parent === undefined ? '' : `from ${parent}\n`),
        ...Object.entries(files).flatMap(([path, file]) => fileCommand(path, file)),
        Buffer.from('\nget-mark :1\ndone\n'),
      ]),
    )
    if (exitCode === 0) return stdout.toString().trim()
    if ((await head(directory, branch)) === parent)
      throw new Error(`git fast-import ended with ${exitCode}: ${stderr}`)
  }
}

/** The branch's newest commit; `undefined` when there is no such branch. */
export async function head(directory: string, branch: string): Promise<string | undefined> {
  const { exitCode, stdout } = await git(directory, [
    'rev-parse',
    '--verify',
    '--quiet',
    `refs/heads/${branch}^{commit}`,
  ])
  return exitCode === 0 ? stdout.toString().trim() : undefined
}

/** Content of a file at a commit or branch, byte for byte; `undefined` when there is no such file. */
export async function read(directory: string, revision: string, path: string): Promise<Buffer | undefined> {
  const { exitCode, stdout } = await git(directory, ['cat-file', 'blob', `${revision}:${path}`])
  return exitCode === 0 ? stdout : undefined
}

/** Commits of a branch, newest first. */
export async function log(directory: string, branch: string): Promise<Commit[]> {
  const text = await gitOutput(directory, [
    'log',
    '-z',
    '--format=%H%x01%P%x01%an <%ae>%x01%B',
    `refs/heads/${branch}`,
  ])
  return text.split('\0').flatMap(entry => {
    const [sha = '', parents = '', author = '', message = ''] = entry.split('\x01')
    return sha === '' ? [] : [{ sha, message, parents: parents.split(' ').filter(Boolean), author }]
  })
}

function fileCommand(path: string, file: Files[string]): Buffer[] {
  const name = `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
  if (file === null) return [Buffer.from(`D ${name}\n`)]
  if (typeof file === 'string' || file instanceof Uint8Array)
    return [Buffer.from(`M 100644 inline ${name}\n`), blob(file)]
  if (file.mode === '160000') return [Buffer.from(`M 160000 ${file.content} ${name}\n`)]
  return [Buffer.from(`M ${file.mode} inline ${name}\n`), blob(file.content)]
}

function blob(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}
