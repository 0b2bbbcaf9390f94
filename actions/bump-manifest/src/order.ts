// Which of two builds is newer: the trailers of past bumps name their source commits, and only ancestry decides.
import type { Host } from '@gitops-relay/action-kit'
import type { PastCommit } from '@gitops-relay/config-repo'
import { splitReference, type Change, type Update } from '@gitops-relay/manifests'
import { parseReference } from '@gitops-relay/oci/reference'
import { saysItWrote } from './message.ts'
import type { Source } from './source.ts'

/** Is `older` an ancestor of `newer`? `undefined` when nobody can tell. */
export type IsAncestor = (older: string, newer: string, signal: AbortSignal) => Promise<boolean | undefined>

/** What stands there came from this bump. */
export interface Standing {
  commit: string
  sourceCommit: string
}

/**
 * The newest of the commits that wrote a value which the changes would replace, from the same source repository: its
 * Image trailer names the same repository and a tag or digest that still stands, or its list the place and the value.
 */
export function standingBump(
  updates: readonly Update[],
  changes: readonly Change[],
  history: readonly PastCommit[],
  source: Source,
): Standing | undefined {
  const repositories = new Set(
    updates.flatMap(update => (update.kind === 'image' ? [parseReference(update.repository).name] : [])),
  )
  const olds = changes.flatMap(({ old }) => {
    const { tag, digest } = splitReference(old)
    return [old, tag, digest, digest && `${tag}@${digest}`].filter(text => text !== undefined && text !== '')
  })
  for (const { commit, message } of history) {
    const trailers = trailersOf(message)
    if (trailers.get('Source-Repository')?.at(0) !== source.repository) continue
    const stands = (trailers.get('Image') ?? []).some(image => {
      const { name, tag, digest } = splitReference(image)
      if (!repositories.has(normal(name))) return false
      return [tag, digest].some(text => text !== undefined && olds.includes(text))
    })
    const sourceCommit = trailers.get('Source-Commit')?.at(0)
    const wrote = stands || changes.some(change => saysItWrote(message, change))
    if (wrote && sourceCommit !== undefined) return { commit, sourceCommit }
  }
  return undefined
}

function normal(name: string): string {
  try {
    return parseReference(name).name
  } catch {
    return ''
  }
}

/** `Key: value` lines of the last paragraph. */
function trailersOf(message: string): Map<string, string[]> {
  const trailers = new Map<string, string[]>()
  for (const line of message.trimEnd().split('\n\n').at(-1)?.split('\n') ?? []) {
    const [, key, value] = /^([A-Za-z0-9-]+): (.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) trailers.set(key, [...(trailers.get(key) ?? []), value])
  }
  return trailers
}

/**
 * The bump that is newer than ours, if there is one. What cannot be told counts as not newer, with a notice.
 */
export async function newerBump(
  standing: Standing | undefined,
  source: Source,
  isAncestor: IsAncestor,
  log: Host['log'],
  signal: AbortSignal,
): Promise<Standing | undefined> {
  if (standing === undefined || source.commit === '' || standing.sourceCommit === source.commit)
    return undefined
  const isOlder = await isAncestor(source.commit, standing.sourceCommit, signal)
  if (isOlder === undefined) {
    const [ours, theirs] = [source.commit, standing.sourceCommit].map(sha => sha.slice(0, 12))
    log.notice(
      `Whether ${ours} is older than ${theirs}, which built what stands there, cannot be told from the checkout in the workspace (fetch-depth: 0 would help); going on.`,
    )
  }
  return isOlder ? standing : undefined
}
