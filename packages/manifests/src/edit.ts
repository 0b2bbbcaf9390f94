// The story of one file: read, locate, splice, prove.
import { isNode } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { holdOn } from './hold.ts'
import { locate, mayConcern, type Located } from './locate.ts'
import { offsetOf, readManifest, textOf, type Manifest } from './manifest.ts'
import { formatPath } from './path.ts'
import { decode } from './prescan.ts'
import { prove } from './prove.ts'
import { applyEdits, editFor, inOrder } from './splice.ts'
import type { Wish } from './spot.ts'
import type { Change, Edit, Edited, Held, Update } from './types.ts'

/**
 * Writes the updates into one manifest. All of them are located in the text as it came; nothing is written anywhere.
 *
 * @param now milliseconds since the epoch, for holds with a date
 * @throws UserError for what the file cannot hold; ProofFailed when the result is not what was wished
 */
export function editManifest(
  file: string,
  bytes: Uint8Array,
  updates: readonly Update[],
  now: number,
): Edited {
  const before = decode(file, bytes)
  const unchanged = { file, before, after: before, edits: [], changes: [], held: [], notices: [] }
  if (!updates.some(update => mayConcern(before, update)))
    return { ...unchanged, places: updates.map(() => 0) }

  const manifest = readManifest(file, bytes)
  const located = updates.map(update => locate(manifest, update))
  const places = located.map(spots => spots.length)
  const tasks = located.flat().flatMap(spot => {
    const steps = spot.wishes.flatMap(wish => taskFor(manifest, spot, wish))
    return steps.length > 0 ? [{ spot, steps, hold: holdOn(manifest, spot.nodes, now) }] : []
  })
  const free = tasks.filter(({ hold }) => hold === undefined)
  const steps = agreed(
    manifest,
    free.flatMap(task => task.steps),
  )
  refuseStaleDigests(
    manifest,
    free.map(({ spot }) => spot),
    steps.map(({ wish }) => wish),
  )
  const edits = inOrder(steps.map(({ edit }) => edit))
  const after = applyEdits(before, edits)
  if (edits.length > 0)
    prove(
      manifest,
      after,
      edits,
      steps.map(({ wish }) => wish),
    )
  return {
    ...unchanged,
    after,
    edits,
    changes: steps.map(({ change }) => change),
    held: tasks.flatMap(({ spot, hold }) => (hold ? [{ ...standing(manifest, spot), ...hold }] : [])),
    places,
    notices: free.flatMap(({ spot }) => spot.notices),
  }
}

interface Task {
  wish: Wish
  edit: Edit
  change: Change
}

/** Nothing, where the wish is fulfilled already. */
function taskFor(manifest: Manifest, spot: Located, wish: Wish): Task[] {
  const document = manifest.documents[spot.document]
  const edit = document && editFor(manifest, document, wish)
  if (document === undefined || edit === undefined) return []
  const node: unknown =
    wish.kind === 'set' ? wish.node : wish.kind === 'remove' ? wish.pair.value : wish.after.value
  const change = {
    file: manifest.file,
    document: spot.document,
    path: formatPath(wish.steps),
    line: manifest.lineOf(isNode(node) ? offsetOf(node) : edit.offset),
    old: wish.kind === 'add' ? '' : (textOf(node, document) ?? ''),
    new: wish.kind === 'remove' ? '' : wish.value.text,
  }
  return [{ wish, edit, change }]
}

/** Two updates may ask for the same edit, but not for different ones of the same place. */
function agreed({ file, lineOf }: Manifest, tasks: readonly Task[]): Task[] {
  const byPlace = new Map<string, Task>()
  for (const task of tasks) {
    const place = `${task.change.document} ${task.change.path} ${task.edit.offset}`
    const other = byPlace.get(place)
    if (
      other !== undefined &&
      (other.edit.text !== task.edit.text || other.edit.length !== task.edit.length)
    ) {
      const sentence = `Two updates want different values at ${file}:${lineOf(task.edit.offset)} (${task.change.path}).`
      throw new UserError(
        'contradiction',
        sentence,
        'Keep one of them, or choose with "document" or "match".',
      )
    }
    byPlace.set(place, task)
  }
  return [...byPlace.values()]
}

function refuseStaleDigests(manifest: Manifest, spots: readonly Located[], wishes: readonly Wish[]): void {
  const written = new Set<unknown>(wishes.map(wish => (wish.kind === 'set' ? wish.node : undefined)))
  for (const { beside = [], steps } of spots) {
    const stale = beside.find(node => !written.has(node))
    if (stale === undefined) continue
    const line = manifest.lineOf(offsetOf(stale))
    const sentence = `${manifest.file}:${line} has a digest beside ${formatPath(steps)}, which would go on choosing the old image.`
    throw new UserError(
      'stale-digest',
      sentence,
      'Use "image", or write the digest with "updates" in the same step.',
    )
  }
}

function standing(manifest: Manifest, { document, steps, wishes }: Located): Omit<Held, 'until' | 'reason'> {
  const tree = manifest.documents[document]
  const wish = wishes.find(({ kind }) => kind === 'set') ?? wishes[0]
  const node: unknown =
    wish?.kind === 'set' ? wish.node : wish?.kind === 'remove' ? wish.pair.value : wish?.after.value
  return {
    file: manifest.file,
    document,
    path: formatPath(wish?.steps ?? steps),
    line: manifest.lineOf(isNode(node) ? offsetOf(node) : 0),
    value: (tree && textOf(node, tree)) ?? '',
  }
}
