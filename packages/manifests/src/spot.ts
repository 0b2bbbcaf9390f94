// What was found: a spot that is written, held or left alone as a whole, and what is wished of its nodes.
import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { UserError } from '@gitops-relay/action-kit/user-error'
import { Blocks } from './formats/nodes.ts'
import type { Steps } from './manifest.ts'
import type { Value } from './types.ts'

export type Wish =
  | { kind: 'set'; steps: Steps; node: Scalar | Alias; value: Value }
  /** A new key of a map, below (or, in flow style, behind) the pair `after`. */
  | { kind: 'add'; steps: Steps; map: YAMLMap; after: Pair; key: string; value: Value }
  | { kind: 'remove'; steps: Steps; map: YAMLMap; pair: Pair }

export interface Spot {
  /** Where it is, for sentences. */
  steps: Steps
  wishes: Wish[]
  /** Nodes on whose lines, or above them, a hold counts. */
  nodes: unknown[]
  notices: string[]
  /** Why the shape cannot hold what is wanted; nobody's business where a hold keeps it anyway. */
  problem?: UserError
  /** Digests that would grow stale if they were not written in the same step. */
  beside?: unknown[]
}

/** All maps of a document with their steps, in order. Aliases are not followed: their anchor comes by itself. */
export function* maps(document: Document.Parsed): Generator<{ map: YAMLMap; steps: Steps }> {
  yield* below(document.contents, [])
}

function* below(node: unknown, steps: Steps): Generator<{ map: YAMLMap; steps: Steps }> {
  if (isMap(node)) {
    yield { map: node, steps }
    for (const { key, value } of node.items)
      if (isScalar(key)) yield* below(value, [...steps, String(key.value)])
  } else if (node instanceof Blocks) {
    for (const block of node.entries()) yield* below(block.node, [...steps, ...block.steps])
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* below(item, [...steps, index])
  }
}

/** The pair of a key; of a duplicate one the last, which is the one that counts where duplicates are read at all. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.findLast(pair => isPair(pair) && isScalar(pair.key) && pair.key.value === key)
}
