// The story of one file: read, locate, splice, prove.
import { isNode, isScalar, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { holdOn } from './hold.ts'
import { locate, mayConcern, type Located } from './locate.ts'
import { offsetOf, readManifest, textOf, type Manifest } from './manifest.ts'
import { formatPath } from './path.ts'
import { decode } from './prescan.ts'
import { prove } from './prove.ts'
import { applyEdits, editFor, inOrder, isFulfilled } from './splice.ts'
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
  const spots = located.flat().map(spot => ({ spot, hold: holdOn(manifest, spot.nodes, now) }))
  const free = spots.flatMap(({ spot, hold }) => (hold === undefined ? [tasksOf(manifest, spot)] : []))
  const steps = agreed(manifest, free.flat())
  const written = steps.map(({ wish }) => wish)
  refuseStaleDigests(
    manifest,
    free.flatMap(tasks => tasks.slice(0, 1)),
    written,
  )
  const edits = inOrder(steps.map(({ edit }) => edit))
  const after = applyEdits(before, edits)
  if (edits.length > 0) prove(manifest, after, edits, written)
  return {
    ...unchanged,
    after,
    edits,
    changes: steps.map(({ change }) => change),
    held: spots.flatMap(({ spot, hold }) =>
      hold && isWanting(manifest, spot) ? [{ ...standing(manifest, spot), ...hold }] : [],
    ),
    places,
    notices: free.flatMap(([first]) => first?.spot.notices ?? []),
  }
}

interface Task {
  spot: Located
  wish: Wish
  edit: Edit
  change: Change
}

/** What is to be done at a spot; nothing where all is as wished. */
function tasksOf(manifest: Manifest, spot: Located): Task[] {
  if (spot.problem !== undefined) throw spot.problem
  return spot.wishes.flatMap(wish => taskFor(manifest, spot, wish))
}

function taskFor(manifest: Manifest, spot: Located, wish: Wish): Task[] {
  const document = manifest.documents[spot.document]
  if (document === undefined || isFulfilled(document, wish)) return []
  refuseEncrypted(manifest, document)
  const edit = editFor(manifest, document, wish)
  const node = nodeOf(wish)
  const change = {
    file: manifest.file,
    document: spot.document,
    path: formatPath(wish.steps),
    line: manifest.lineOf(isNode(node) ? offsetOf(node) : edit.offset),
    old: wish.kind === 'add' ? '' : (textOf(node, document) ?? ''),
    new: wish.kind === 'remove' ? '' : wish.value.text,
  }
  return [{ spot, wish, edit, change }]
}

function nodeOf(wish: Wish): unknown {
  if (wish.kind === 'set') return wish.node
  return wish.kind === 'remove' ? wish.pair.value : wish.after.value
}

function isWanting({ documents }: Manifest, { document, wishes, problem }: Located): boolean {
  const tree = documents[document]
  return problem !== undefined || (tree !== undefined && wishes.some(wish => !isFulfilled(tree, wish)))
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

function refuseStaleDigests(manifest: Manifest, tasks: readonly Task[], wishes: readonly Wish[]): void {
  const written = new Set<unknown>(wishes.map(wish => (wish.kind === 'set' ? wish.node : undefined)))
  for (const { beside = [], steps } of tasks.map(({ spot }) => spot)) {
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
  const node = wish && nodeOf(wish)
  return {
    file: manifest.file,
    document,
    path: formatPath(wish?.steps ?? steps),
    line: manifest.lineOf(isNode(node) ? offsetOf(node) : 0),
    value: (tree && textOf(node, tree)) ?? '',
  }
}

/** The checksum of a SOPS file covers its plain values as well. */
function refuseEncrypted({ file, lineOf }: Manifest, document: Document.Parsed): void {
  if (!document.hasIn(['sops', 'mac'])) return
  const node = document.getIn(['sops', 'mac'], true)
  const line = isScalar(node) ? lineOf(offsetOf(node)) : 1
  const sentence = `${file}:${line} is encrypted by SOPS, whose checksum an edit would break.`
  throw new UserError(
    'encrypted',
    sentence,
    'Keep the image outside of the encrypted file, or take it out of "files".',
  )
}
