// One commit in the private repository: written, proven to change what it should, signed where a key is given.
import type { Clock } from '@gitops-relay/http/clock'
import type { Git } from './git.ts'
import { importStream } from './import-stream.ts'
import type { Draft, Limits } from './types.ts'

export interface Workshop {
  git: Git
  clock: Clock
  /** Of the parent's files, by path. */
  modes: ReadonlyMap<string, string>
  /** From the text of a commit object to the same with a signature. */
  sign: ((commit: string, limits: Limits) => Promise<string>) | undefined
}

/** Writes the draft as a child of `parent` and gives its name back. */
export async function writeCommit(
  parent: string,
  draft: Draft,
  { git, clock, modes, sign }: Workshop,
  limits: Limits,
): Promise<string> {
  const seconds = Math.floor(clock.now() / 1000)
  const stream = importStream(draft, { parent, ref: 'refs/relay/ours', modes, seconds })
  const commit = (await git.read(['fast-import', '--quiet', '--force', '--done'], limits, stream)).trim()
  const changed = await git.read(
    ['diff-tree', '-r', '-z', '--name-only', '--no-renames', parent, commit],
    limits,
  )
  const [wanted, found] = [[...draft.files.keys()], changed.split('\0').filter(Boolean)]
  if (wanted.toSorted().join('\0') !== found.toSorted().join('\0')) {
    throw new Error(
      `The commit changes ${found.join(', ')} instead of ${wanted.join(', ')}, so it is not pushed.`,
    )
  }
  if (sign === undefined) return commit
  const text = await sign(await git.read(['cat-file', 'commit', commit], limits), limits)
  return (await git.read(['hash-object', '-t', 'commit', '-w', '--stdin'], limits, text)).trim()
}
