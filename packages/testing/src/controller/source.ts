// The config repository as the stand-in controller sees it: a mirror of one branch, fetched anew for each look.
import { git, gitOutput } from '../git/git.ts'
import { read } from '../git/bare-repository.ts'
import { render } from './kustomize.ts'
import type { Rendered } from './kustomize.ts'

export interface Desired extends Rendered {
  /** SHA of the branch's head. */
  revision: string
}

export interface Source {
  /** What the head of the branch wants. Thrown: Error with the message that Argo CD shows in a ComparisonError. */
  look(): Promise<Desired>
  /** Author, date and message of a commit that was seen. */
  metadata(revision: string): Promise<{ author: string; date: string; message: string } | undefined>
}

export interface SourceOptions {
  /** URL or path to fetch from. */
  from: string
  branch: string
  path: string
  /** Basic password for `from`. */
  token: string | undefined
  /** Empty directory for the mirror. */
  directory: string
}

export function openSource({ from, branch, path, token, directory }: SourceOptions): Source {
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
  const setting = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: header }
  const credentials = token === undefined ? {} : setting
  let mirror: Promise<unknown> | undefined
  return {
    async look() {
      mirror ??= gitOutput(directory, ['init', '--quiet', '--bare', '.'])
      await mirror
      const refs = `+refs/heads/${branch}:refs/heads/observed`
      const fetched = await git(directory, ['fetch', '--quiet', '--no-tags', from, refs], '', credentials)
      if (fetched.exitCode !== 0)
        throw new Error(`rpc error: code = Unknown desc = failed to list refs: ${fetched.stderr.trim()}`)
      const revision = (await gitOutput(directory, ['rev-parse', 'refs/heads/observed'])).trim()
      const tree = {
        file: async (file: string) => (await read(directory, revision, file))?.toString(),
        async list(below: string) {
          const prefix = below === '.' ? [] : ['--', `${below}/`]
          const listed = await git(directory, ['ls-tree', '-z', '--name-only', revision, ...prefix])
          return listed.stdout.toString().split('\0').filter(Boolean)
        },
      }
      const rendered = await render(tree, path).catch((error: unknown) => {
        throw new Error(
          `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        )
      })
      return { ...rendered, revision }
    },
    async metadata(revision) {
      const shown = await git(directory, ['show', '-s', '--format=%an <%ae>%x00%cI%x00%B', revision, '--'])
      if (shown.exitCode !== 0) return undefined
      const [author = '', date = '', message = ''] = shown.stdout.toString().split('\0')
      return { author, date, message: message.trim() }
    },
  }
}
