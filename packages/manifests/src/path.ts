// The path syntax: `a.b.c`, `a['x.y']`, `a[0]`, `a[name=web].image`, `a[*]`, and `a|yaml:b.c` into a string.
import { isAlias, isMap, isSeq, type Document, type Pair } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { Blocks } from './formats/nodes.ts'
import { textOf, type Steps } from './manifest.ts'

export type Segment =
  | { kind: 'key'; key: string }
  | { kind: 'index'; index: number }
  | { kind: 'item'; key: string; value: string }
  | { kind: 'every' }
  /** The string there is a text of its own; always the last segment. */
  | { kind: 'inside'; format: 'yaml' | 'json'; path: string }

const grammar =
  /(?:^|\.)(?<key>[^.[\]|'"\s][^.[\]|]*)|\[(?:(?<every>\*)|(?<index>\d{1,9})|'(?<single>(?:[^']|'')*)'|"(?<double>[^"]*)"|(?<item>[^=\]'"]+)=(?:'(?<quoted>(?:[^']|'')*)'|(?<bare>[^\]'"]*)))\]/y

/** @throws UserError `bad-path` */
export function parsePath(path: string): Segment[] {
  const segments: Segment[] = []
  grammar.lastIndex = 0
  let at = 0
  while (at < path.length) {
    const [door, format] = /^\|(yaml|json):/.exec(path.slice(at, at + 6)) ?? []
    if (door !== undefined) {
      const rest = path.slice(at + door.length)
      parsePath(rest)
      return [...segments, { kind: 'inside', format: format === 'json' ? 'json' : 'yaml', path: rest }]
    }
    grammar.lastIndex = at
    const groups = grammar.exec(path)?.groups
    if (groups === undefined) throw badPath(path, at)
    segments.push(segmentOf(groups))
    at = grammar.lastIndex
  }
  if (segments.length === 0) throw badPath(path, 0)
  return segments
}

function segmentOf(groups: Record<string, string | undefined>): Segment {
  const { key, every, index, single, double, item, quoted, bare } = groups
  if (every !== undefined) return { kind: 'every' }
  if (index !== undefined) return { kind: 'index', index: Number(index) }
  if (item !== undefined) {
    return { kind: 'item', key: item.trim(), value: quoted?.replaceAll("''", "'") ?? bare ?? '' }
  }
  return { kind: 'key', key: key ?? double ?? single?.replaceAll("''", "'") ?? '' }
}

function badPath(path: string, at: number): UserError {
  const sentence = `"path" is ${JSON.stringify(path)}, which cannot be read from character ${at + 1} on.`
  return new UserError(
    'bad-path',
    sentence,
    "Write it like a.b, a['x.y'], a[0], a[name=web].image, a[*] or a|yaml:b.",
  )
}

/** A node where it was found; in a duplicate key the steps alone do not tell which. */
export interface Site {
  steps: Steps
  node: unknown
  /** The map or list that holds it. */
  parent: unknown
}

export function formatPath(steps: Steps): string {
  return steps
    .map((step, position) => {
      if (typeof step === 'number') return `[${step}]`
      if (/^[^.[\]|'"\s]+$/.test(step)) return position === 0 ? step : `.${step}`
      return `['${step.replaceAll("'", "''")}']`
    })
    .join('')
}

/**
 * All places of a document that a path names. Duplicate keys all count.
 *
 * @throws UserError `through-alias` where the path goes on below an alias
 */
export function resolvePath(document: Document.Parsed, segments: readonly Segment[]): Site[] {
  let found: Site[] = [{ steps: [], node: document.contents, parent: undefined }]
  for (const segment of segments) {
    found = found.flatMap(({ steps, node }) => {
      if (isAlias(node)) {
        const sentence = `The path goes through the alias *${node.source} at ${formatPath(steps)}.`
        throw new UserError(
          'through-alias',
          sentence,
          'Name the path of its anchor, which others may use too.',
        )
      }
      return children(node, segment, document).map(child => ({
        steps: [...steps, ...child.steps],
        node: child.node,
        parent: child.parent ?? node,
      }))
    })
  }
  return found
}

function children(
  node: unknown,
  segment: Segment,
  document: Document.Parsed,
): readonly { steps: Steps; node: unknown; parent?: unknown }[] {
  if (node instanceof Blocks) return childrenOfBlocks(node, segment, document)
  if (isMap(node)) {
    const keyOf = ({ key }: Pair) => textOf(key, document) ?? ''
    const pairs =
      segment.kind === 'key' ? indexed(node, '', () => node.items, keyOf, segment.key) : node.items
    if (segment.kind !== 'key' && segment.kind !== 'every') return []
    return pairs.map(pair => ({ steps: [keyOf(pair)], node: pair.value }))
  }
  if (!isSeq(node)) return []
  if (segment.kind === 'index') {
    return segment.index < node.items.length
      ? [{ steps: [segment.index], node: node.items[segment.index] }]
      : []
  }
  const items = () => node.items.map((item, index) => ({ steps: [index], node: item }))
  return itemsOf(node, items, segment, document)
}

function itemsOf(
  list: object,
  items: () => { steps: Steps; node: unknown }[],
  segment: Segment,
  document: Document.Parsed,
): readonly { steps: Steps; node: unknown }[] {
  if (segment.kind === 'every') return items()
  if (segment.kind === 'index') return items().filter((_, index) => index === segment.index)
  if (segment.kind !== 'item') return []
  const { key, value } = segment
  const valueOf = ({ node: item }: { node: unknown }) => {
    const own = isAlias(item) ? item.resolve(document) : item
    return isMap(own) ? textOf(own.get(key, true), document) : undefined
  }
  return indexed(list, key, items, valueOf, value)
}

const indices = new WeakMap<object, Map<string, Map<string | undefined, unknown[]>>>()

/** The items of a collection for which `of` is `text`, found in one go through all of them. */
function indexed<Item>(
  collection: object,
  kind: string,
  items: () => readonly Item[],
  of: (item: Item) => string | undefined,
  text: string,
): readonly Item[] {
  const byKind = indices.get(collection) ?? new Map<string, Map<string | undefined, unknown[]>>()
  indices.set(collection, byKind)
  let index = byKind.get(kind)
  if (index === undefined) {
    index = new Map()
    for (const item of items()) {
      const found = of(item)
      const others = index.get(found)
      if (others === undefined) index.set(found, [item])
      else others.push(item)
    }
    byKind.set(kind, index)
  }
  return (index.get(text) ?? []) as readonly Item[] // oxlint-disable-line no-unsafe-type-assertion -- one kind holds one type
}

/** A key goes on into each block, whose index is a step only where there is more than one. */
function childrenOfBlocks(
  blocks: Blocks,
  segment: Segment,
  document: Document.Parsed,
): readonly { steps: Steps; node: unknown; parent?: unknown }[] {
  if (segment.kind !== 'key') return itemsOf(blocks, () => blocks.entries(), segment, document)
  return blocks.entries().flatMap(({ steps, node }) =>
    children(node, segment, document).map(child => ({
      ...child,
      steps: [...steps, ...child.steps],
      parent: node,
    })),
  )
}
