// The story of one file: read, locate, splice, prove, and the same again inside of its strings.
import { isAlias, isScalar } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { holdOn } from './hold.ts'
import { insidesOf, type Inside } from './inside.ts'
import { locate, mayConcern, type Located } from './locate.ts'
import { offsetOf, readManifest, textOf, type Manifest, type Steps } from './manifest.ts'
import { formatPath } from './path.ts'
import { decode, limits } from './prescan.ts'
import { prove } from './prove.ts'
import { applyEdits, editFor, editsOfText, inOrder, isFulfilled } from './splice.ts'
import { nodeOf, type Wish } from './spot.ts'
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
  if (updates.some(update => mayConcern(before, update))) {
    return { file, before, ...revise(readManifest(file, bytes), updates, now, budgetOf(file)) }
  }
  const places = updates.map(() => 0)
  return { file, before, after: before, edits: [], changes: [], held: [], notices: [], places }
}

type Revision = Omit<Edited, 'file' | 'before'>

/** Takes so many places from what one file may have. */
type Spend = (places: number) => void

function revise(
  manifest: Manifest,
  updates: readonly (Update | undefined)[],
  now: number,
  spend: Spend,
): Revision {
  const located = updates.map(update => (update === undefined ? [] : locate(manifest, update)))
  spend(located.flat().length)
  const spots = located
    .flat()
    .map(spot => ({ spot, hold: holdOn(manifest, [...spot.nodes, ...anchorsOf(manifest, spot)], now) }))
  const free = spots.flatMap(({ spot, hold }) => (hold === undefined ? [spot] : []))
  const insides = insidesOf(manifest, updates, spend).map(inside =>
    reviseInside(manifest, inside, now, spend),
  )
  const tasks = agreed(manifest, [
    ...free.flatMap(spot => tasksOf(manifest, spot)),
    ...insides.flatMap(({ tasks: inner }) => inner),
  ])
  const wishes = tasks.map(({ wish }) => wish)
  refuseEncrypted(manifest, tasks)
  refuseStaleDigests(manifest, free, wishes)
  const edits = inOrder(tasks.flatMap(task => task.edits))
  const after = applyEdits(manifest.text, edits)
  if (edits.length > 0) prove(manifest, after, edits, wishes)
  return {
    after,
    edits,
    changes: tasks.flatMap(({ changes }) => changes),
    held: [
      ...spots.flatMap(({ spot, hold }) =>
        hold && isWanting(manifest, spot) ? [{ ...standing(manifest, spot), ...hold }] : [],
      ),
      ...insides.flatMap(({ held }) => held),
    ],
    places: located.map((own, index) =>
      insides.reduce((sum, { places }) => sum + (places[index] ?? 0), own.length),
    ),
    notices: [...free.flatMap(({ notices }) => notices), ...insides.flatMap(({ notices }) => notices)],
  }
}

function budgetOf(file: string): Spend {
  let spent = 0
  return places => {
    spent += places
    if (spent <= limits.places) return
    const sentence = `${file} has more than the limit of ${limits.places} places to write.`
    throw new UserError('too-many-places', sentence, 'Split the file, or take it out of "files".')
  }
}

/** What the aliases of a spot stand for. */
function anchorsOf({ documents }: Manifest, { document, nodes }: Located): unknown[] {
  const tree = documents[document]
  return nodes.flatMap(node => (isAlias(node) && tree ? [node.resolve(tree)] : []))
}

interface Task {
  document: number
  wish: Wish
  edits: Edit[]
  changes: Change[]
}

/** What is to be done at a spot; nothing where all is as wished. */
function tasksOf(manifest: Manifest, spot: Located): Task[] {
  if (spot.problem !== undefined) throw spot.problem
  return spot.wishes.flatMap(wish => taskFor(manifest, spot, wish))
}

function taskFor(manifest: Manifest, { document: index }: Located, wish: Wish): Task[] {
  const document = manifest.documents[index]
  if (document === undefined || isFulfilled(document, wish)) return []
  const edits = editFor(manifest, document, wish)
  const node = nodeOf(wish)
  const change = {
    file: manifest.file,
    document: index,
    path: formatPath(wish.steps),
    line: manifest.lineOf(node ? offsetOf(node) : (edits[0]?.offset ?? 0)),
    old: wish.kind === 'add' ? '' : (textOf(node, document) ?? ''),
    new: wish.kind === 'remove' ? '' : wish.value.text,
  }
  return [{ document: index, wish, edits, changes: [change] }]
}

/** What is to be done inside of a string, as a task of the text around it; a hold on the string keeps all of it. */
function reviseInside(
  manifest: Manifest,
  { document: index, steps, node, format, manifest: inner, updates }: Inside,
  now: number,
  spend: Spend,
): Omit<Revision, 'after' | 'edits' | 'changes'> & { tasks: Task[] } {
  const { after, edits, changes, held, ...rest } = revise(inner, updates, now, spend)
  const outside = <Row extends Change | Held>(row: Row): Row => ({
    ...row,
    file: manifest.file,
    document: index,
    path: `${formatPath(steps)}|${format}:${row.path}`,
    line: manifest.lineOf(offsetOf(node)) + (node.type?.startsWith('BLOCK') ? row.line : 0),
  })
  const document = manifest.documents[index]
  const hold = holdOn(manifest, [node], now)
  if (hold !== undefined || document === undefined || edits.length === 0) {
    const kept = changes.map(({ new: _new, old: value, ...change }) => outside({ ...change, value, ...hold }))
    return { ...rest, tasks: [], held: [...kept, ...held.map(outside)] }
  }
  const wish = { kind: 'set', steps, node, value: { kind: 'string', text: after } } as const
  const task = {
    document: index,
    wish,
    edits: editsOfText(manifest, document, wish, edits),
    changes: changes.map(outside),
  }
  return { ...rest, tasks: [task], held: held.map(outside) }
}

function isWanting({ documents }: Manifest, { document, wishes, problem }: Located): boolean {
  const tree = documents[document]
  return problem !== undefined || (tree !== undefined && wishes.some(wish => !isFulfilled(tree, wish)))
}

/** Two updates may ask for the same edit, but not for different ones of the same place. */
function agreed({ file, lineOf }: Manifest, tasks: readonly Task[]): Task[] {
  const byPlace = new Map<string, Task>()
  for (const task of tasks) {
    const at = task.edits[0]?.offset
    const place = `${task.document} ${formatPath(task.wish.steps)} ${at}`
    const other = byPlace.get(place)
    if (other === undefined || JSON.stringify(other.edits) === JSON.stringify(task.edits))
      byPlace.set(place, task)
    else throw contradiction(file, lineOf(at ?? 0), task)
  }
  const kept = [...byPlace.values()]
  let [end, owner] = [0, kept[0]]
  const byOffset = kept
    .flatMap(task => task.edits.map(edit => ({ edit, task })))
    .toSorted((a, b) => a.edit.offset - b.edit.offset || a.edit.length - b.edit.length)
  for (const { edit, task } of byOffset) {
    if (edit.offset < end && owner !== task) throw contradiction(file, lineOf(edit.offset), task)
    end = edit.offset + edit.length
    owner = task
  }
  return kept
}

function contradiction(file: string, line: number, { wish }: Task): UserError {
  const sentence = `Two updates want different values at ${file}:${line} (${formatPath(wish.steps)}).`
  return new UserError('contradiction', sentence, 'Keep one of them, or choose with "document" or "match".')
}

function refuseStaleDigests(manifest: Manifest, spots: readonly Located[], wishes: readonly Wish[]): void {
  const written = stepsOf(wishes)
  // A digest that has the wanted value already is not written, but does not grow stale either.
  const wished = stepsOf(spots.flatMap(spot => spot.wishes))
  for (const { beside = [], nodes } of spots) {
    const steps = written.get(nodes.find(node => written.has(node)))
    const stale = steps && beside.find(node => !wished.has(node))
    if (stale === undefined) continue
    const line = manifest.lineOf(offsetOf(stale))
    const sentence = `${manifest.file}:${line} has a digest beside ${formatPath(steps ?? [])}, which would go on choosing the old image.`
    const remedy =
      'Write the digest in the same step: by a comment "# gitops-relay: image=…" at it, or by its path in "updates".'
    throw new UserError('stale-digest', sentence, remedy)
  }
}

function stepsOf(wishes: readonly Wish[]): Map<unknown, Steps> {
  return new Map(wishes.flatMap(wish => (wish.kind === 'set' ? [[wish.node, wish.steps] as const] : [])))
}

function standing(manifest: Manifest, { document, steps, wishes }: Located): Omit<Held, 'until' | 'reason'> {
  const tree = manifest.documents[document]
  const wish = wishes.find(({ kind }) => kind === 'set') ?? wishes[0]
  const node = wish && nodeOf(wish)
  return {
    file: manifest.file,
    document,
    path: formatPath(wish?.steps ?? steps),
    line: manifest.lineOf(node ? offsetOf(node) : 0),
    value: (tree && textOf(node, tree)) ?? '',
  }
}

/** The checksum of a SOPS file covers its plain values as well. */
function refuseEncrypted({ file, lineOf, documents }: Manifest, tasks: readonly Task[]): void {
  const touched = [...new Set(tasks.map(({ document }) => documents[document]))]
  const document = touched.find(one => one?.hasIn(['sops', 'mac']))
  if (document === undefined) return
  const node = document.getIn(['sops', 'mac'], true)
  const line = isScalar(node) ? lineOf(offsetOf(node)) : 1
  const sentence = `${file}:${line} is encrypted by SOPS, whose checksum an edit would break.`
  throw new UserError(
    'encrypted',
    sentence,
    'Keep the image outside of the encrypted file, or take it out of "files".',
  )
}
