// The proof: the new text, read afresh, is the old tree with exactly the wishes fulfilled.
import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'
import { parseManifest, type Comment, type Manifest, type Steps } from './manifest.ts'
import { formatPath } from './path.ts'
import { inOrder, resolveValue } from './splice.ts'
import type { Wish } from './spot.ts'
import type { Edit } from './types.ts'

/** Our own mistake, never the user's: nothing is written. */
export class ProofFailed extends Error {
  override readonly name = 'ProofFailed'
}

/**
 * Parses the new text and compares all of it with the old: every document and node, anchors and tags, comments, and all
 * characters outside of the edits.
 *
 * @throws ProofFailed
 */
export function prove(old: Manifest, after: string, edits: readonly Edit[], wishes: readonly Wish[]): void {
  const fail = (what: string): never => {
    throw new ProofFailed(`The edit of ${old.file} cannot be proven (${what}), so nothing is written.`)
  }
  const ordered = inOrder(edits)
  if (!isKept(after, old.text, ordered)) fail('text outside of the edits')
  const fresh = readAgain(old, after, fail)
  if (fresh.documents.length !== old.documents.length) fail('number of documents')
  const differences = compare(wishes)
  for (const [index, document] of old.documents.entries()) {
    const steps = differences(document.contents, fresh.documents[index]?.contents)
    if (steps !== undefined) fail(`document ${index}, ${formatPath(steps) || 'top level'}`)
  }
  const kept = outside(
    old.comments,
    ordered.map(({ offset, length }) => [offset, length]),
  )
  if (kept.join('\n') !== outside(fresh.comments, shifted(ordered)).join('\n')) fail('comments')
}

function readAgain(old: Manifest, after: string, fail: (what: string) => never): Manifest {
  try {
    return parseManifest(old.file, after, old.format, old.level)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** Is everything outside of the edits as it was? */
function isKept(after: string, before: string, edits: readonly Edit[]): boolean {
  let [at, atOld] = [0, 0]
  for (const { offset, length, text } of [...edits, { offset: before.length, length: 0, text: '' }]) {
    const size = offset - atOld
    if (after.slice(at, at + size) !== before.slice(atOld, offset) || !after.startsWith(text, at + size))
      return false
    at += size + text.length
    atOld = offset + length
  }
  return at === after.length
}

type Range = readonly [offset: number, length: number]

function shifted(edits: readonly Edit[]): Range[] {
  let shift = 0
  return edits.map(({ offset, length, text }) => {
    const range = [offset + shift, text.length] as const
    shift += text.length - length
    return range
  })
}

/** Both are in order. */
function outside(comments: readonly Comment[], ranges: readonly Range[]): string[] {
  let next = 0
  return comments.flatMap(({ offset: at, text }) => {
    while (endOf(ranges[next]) <= at) next++
    return at >= (ranges[next]?.[0] ?? Infinity) ? [] : [text]
  })
}

function endOf(range: Range | undefined): number {
  return range === undefined ? Infinity : range[0] + range[1]
}

/** Gives a comparison of two nodes back, which names the first place where they differ from what is wished. */
function compare(wishes: readonly Wish[]) {
  const values = new Map<unknown, Extract<Wish, { kind: 'set' }>>()
  const removed = new Set<Pair>()
  const added = new Map<Pair, Extract<Wish, { kind: 'add' }>[]>()
  for (const wish of wishes) {
    if (wish.kind === 'set') values.set(wish.node, wish)
    else if (wish.kind === 'remove') removed.add(wish.pair)
    else added.set(wish.after, [...(added.get(wish.after) ?? []), wish])
  }
  const expected = (map: YAMLMap) =>
    removed.size + added.size === 0
      ? map.items
      : map.items.filter(pair => !removed.has(pair)).flatMap(pair => [pair, ...(added.get(pair) ?? [])])

  const differ = (old: unknown, now: unknown): Steps | undefined => {
    const wish = values.get(old)
    if (wish !== undefined) return isFulfilled(wish, now) ? undefined : []
    if (isMap(old) && isMap(now)) {
      const pairs = expected(old)
      if (pairs.length !== now.items.length || !sameProperties(old, now)) return []
      for (const [index, pair] of pairs.entries()) {
        const fresh = now.items[index]
        if ('kind' in pair) {
          if (!isAdded(pair, fresh)) return []
          continue
        }
        const found = differ(pair.key, fresh?.key) ?? differ(pair.value, fresh?.value)
        if (found !== undefined) return [isScalar(pair.key) ? String(pair.key.value) : index, ...found]
      }
      return undefined
    }
    if (isSeq(old) && isSeq(now)) {
      if (old.items.length !== now.items.length || !sameProperties(old, now)) return []
      for (const [index, item] of old.items.entries()) {
        const found = differ(item, now.items[index])
        if (found !== undefined) return [index, ...found]
      }
      return undefined
    }
    if (isAlias(old) && isAlias(now)) return old.source === now.source ? undefined : []
    if (isScalar(old) && isScalar(now)) {
      const same = typeof old.value === typeof now.value && old.source === now.source && old.type === now.type
      return same && sameProperties(old, now) ? undefined : []
    }
    return old === now || (old === null && now === undefined) ? undefined : []
  }
  return differ
}

interface Properties {
  anchor?: string | undefined
  tag?: string | undefined
  flow?: boolean | undefined
}

function sameProperties(old: Properties, now: Properties): boolean {
  return old.anchor === now.anchor && old.tag === now.tag && Boolean(old.flow) === Boolean(now.flow)
}

function isFulfilled({ node, value }: Extract<Wish, { kind: 'set' }>, now: unknown): boolean {
  if (!isScalar(now)) return false
  const wanted = resolveValue(value, node)
  const isType = wanted.kind === 'string' ? typeof now.value === 'string' : typeof now.value !== 'string'
  const text = wanted.kind === 'string' ? now.value : now.source
  return isType && text === wanted.text && (!isScalar(node) || now.anchor === node.anchor)
}

function isAdded({ key, value }: Extract<Wish, { kind: 'add' }>, pair: Pair | undefined): boolean {
  return (
    isScalar(pair?.key) && pair.key.value === key && isScalar(pair.value) && pair.value.value === value.text
  )
}
