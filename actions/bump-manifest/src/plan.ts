// What the updates make of the files at one head: pure, and done again for every head.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { createMatcher, type RepositoryFile } from '@gitops-relay/config-repo'
import { editManifest, unifiedDiff, type Change, type Held } from '@gitops-relay/manifests'
import type { WantedUpdate } from './updates.ts'

export interface Bump {
  /** New texts of the files that change. */
  files: Map<string, string>
  changes: Change[]
  held: Held[]
  notices: string[]
  /** Unified diff of all of it. */
  diff: string
}

/**
 * @param now milliseconds since the epoch
 * @throws UserError `no-files`, `no-match`, `unexpected-count`, and those of the manifests
 */
export function planBump(
  updates: readonly WantedUpdate[],
  files: readonly RepositoryFile[],
  branch: string,
  now: number,
): Bump {
  const matchers = updates.map(({ patterns }) => createMatcher(patterns))
  const counts = updates.map(() => ({ files: 0, places: 0 }))
  const bump: Bump = { files: new Map(), changes: [], held: [], notices: [], diff: '' }
  for (const { path, bytes } of files) {
    const concerned = updates.flatMap((wanted, index) =>
      matchers[index]?.(path) ? [{ ...wanted, index }] : [],
    )
    if (concerned.length === 0) continue
    const wishes = concerned.map(({ update }) => update)
    const edited = editManifest(path, bytes, wishes, now)
    for (const [position, { index }] of concerned.entries()) {
      const count = counts[index]
      if (count === undefined) continue
      count.files++
      count.places += edited.places[position] ?? 0
    }
    bump.changes.push(...edited.changes)
    bump.held.push(...edited.held)
    bump.notices.push(...edited.notices)
    bump.diff += unifiedDiff(edited)
    if (edited.edits.length > 0) bump.files.set(path, edited.after)
  }
  for (const [index, wanted] of updates.entries()) {
    const count = counts[index] ?? { files: 0, places: 0 }
    judgeCount(wanted, count, updates.length > 1 ? ` of update ${index}` : '', branch)
  }
  return bump
}

function judgeCount(
  { update, patterns, expect }: WantedUpdate,
  { files, places }: { files: number; places: number },
  which: string,
  branch: string,
): void {
  if (expect === 'any') return
  const what = update.kind === 'image' ? (update.match ?? update.repository) : update.path
  const where = [...(patterns.paths ?? []), ...(patterns.globs ?? [])].join(', ')
  if (files === 0) {
    const sentence = `"files"${which} (${where}) matches no file on ${branch}.`
    throw new UserError(
      'no-files',
      sentence,
      'Write globs from the root of the config repository, such as envs/prod/*.yaml.',
    )
  }
  if (places === 0) {
    const sentence = `${what} stands nowhere in the ${files} files of ${where}.`
    const remedy =
      update.kind === 'image'
        ? 'Check "files"; where the manifests know the image under another name, give that as "match".'
        : 'Check "files" and "path"; a path changes what stands there and creates nothing.'
    throw new UserError('no-match', sentence, remedy)
  }
  if (expect === 'some' || expect === places) return
  const sentence = `${what} stands in ${places} places${which}, and "expect" is ${expect}.`
  throw new UserError('unexpected-count', sentence, 'Correct "expect", or narrow "files" or "document".')
}
