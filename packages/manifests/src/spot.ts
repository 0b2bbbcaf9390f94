// What was found: a spot that is written, held or left alone as a whole, and what is wished of its nodes.
import { isNode, isPair, isScalar, type Alias, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { UserError } from '@gitops-relay/action-kit/user-error'
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

/** The pair of a key; of a duplicate one the last, which is the one that counts where duplicates are read at all. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.findLast(pair => isPair(pair) && isScalar(pair.key) && pair.key.value === key)
}

/** The node that a wish is about; of an added key, the value above it. */
export function nodeOf(wish: Wish): Node | undefined {
  const node = wish.kind === 'set' ? wish.node : wish.kind === 'remove' ? wish.pair.value : wish.after.value
  return isNode(node) ? node : undefined
}
