// All collections of a document with the steps to them, walked once and found again by what they name.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { Blocks } from './formats/nodes.ts'
import type { Steps } from './manifest.ts'

/** A map and the steps to it. */
export interface Place {
  map: YAMLMap
  steps: Steps
}

export interface ListPlace {
  list: YAMLSeq
  steps: Steps
}

/** What a Kubernetes object says that it is. */
export interface Kind {
  kind: string | undefined
  /** The API's group; empty for the core. */
  group: string
  isKubernetes: boolean
}

/** A value that is no collection, where it was written. */
export interface ScalarPlace {
  node: Scalar | Alias
  steps: Steps
  /** `undefined` in a list. */
  parent: YAMLMap | undefined
}

interface Index {
  maps: Place[]
  lists: ListPlace[]
  inFlow: Set<unknown>
  byWord: Map<string, Place[]>
  kind: Kind
  scalars?: ScalarPlace[]
}

const indices = new WeakMap<Document.Parsed, Index>()

/** In order. Aliases are not followed: their anchor comes by itself. */
export function maps(document: Document.Parsed): readonly Place[] {
  return indexOf(document).maps
}

export function lists(document: Document.Parsed): readonly ListPlace[] {
  return indexOf(document).lists
}

/** The maps of which a value ends in the last word of this name, a tag and a digest aside. */
export function mapsNaming(document: Document.Parsed, name: string): readonly Place[] {
  return indexOf(document).byWord.get(lastWord(name)) ?? []
}

function isValue(node: unknown): node is Scalar | Alias {
  return (isScalar(node) || isAlias(node)) && Boolean(node.range)
}

/** In the order of the text. */
export function scalars(document: Document.Parsed): readonly ScalarPlace[] {
  const index = indexOf(document)
  index.scalars ??= [
    ...index.maps.flatMap(({ map, steps }) =>
      map.items.flatMap(({ key, value }) =>
        isValue(value)
          ? [{ node: value, steps: [...steps, String(isScalar(key) ? key.value : key)], parent: map }]
          : [],
      ),
    ),
    ...index.lists.flatMap(({ list, steps }) =>
      list.items.flatMap((node, step) =>
        isValue(node) ? [{ node, steps: [...steps, step], parent: undefined }] : [],
      ),
    ),
  ].toSorted((a, b) => (a.node.range?.[0] ?? 0) - (b.node.range?.[0] ?? 0))
  return index.scalars
}

export function kindOf(document: Document.Parsed): Kind {
  return indexOf(document).kind
}

function readKind({ contents }: Document.Parsed): Kind {
  const read = (key: string) => {
    const value: unknown = isMap(contents) ? contents.get(key) : undefined
    return typeof value === 'string' ? value : undefined
  }
  const [kind, version] = [read('kind'), read('apiVersion')]
  const group = version?.includes('/') ? (version.split('/')[0] ?? '') : ''
  return { kind, group, isKubernetes: kind !== undefined && version !== undefined }
}

/** Is this value inside of `[ ]` or `{ }`? */
export function isInFlow(document: Document.Parsed, node: unknown): boolean {
  return indexOf(document).inFlow.has(node)
}

/** `shop` of `reg.example:5000/team/shop:v1@sha256:…`. */
export function lastWord(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1).split(/[:@]/, 1)[0] ?? ''
}

function indexOf(document: Document.Parsed): Index {
  let index = indices.get(document)
  if (index === undefined) {
    index = { maps: [], lists: [], inFlow: new Set(), byWord: new Map(), kind: readKind(document) }
    collect(document.contents, [], false, index)
    for (const place of index.maps) addWords(place, document, index.byWord)
    indices.set(document, index)
  }
  return index
}

function collect(node: unknown, steps: Steps, isFlow: boolean, index: Index): void {
  if (isMap(node)) {
    index.maps.push({ map: node, steps })
    const flow = isFlow || node.flow === true
    for (const { key, value } of node.items) {
      if (isMap(value) || isSeq(value))
        collect(value, [...steps, String(isScalar(key) ? key.value : key)], flow, index)
      else if (flow) index.inFlow.add(value)
    }
  } else if (node instanceof Blocks) {
    for (const block of node.entries()) collect(block.node, [...steps, ...block.steps], isFlow, index)
  } else if (isSeq(node)) {
    index.lists.push({ list: node, steps })
    const flow = isFlow || node.flow === true
    for (const [step, item] of node.items.entries()) {
      if (isMap(item) || isSeq(item)) collect(item, [...steps, step], flow, index)
      else if (flow) index.inFlow.add(item)
    }
  }
}

function addWords(place: Place, document: Document.Parsed, byWord: Map<string, Place[]>): void {
  for (const { value } of place.map.items) {
    const node = isAlias(value) ? value.resolve(document) : value
    const word = isScalar(node) && typeof node.value === 'string' ? lastWord(node.value) : ''
    const places = byWord.get(word)
    if (places === undefined) byWord.set(word, [place])
    else if (places.at(-1) !== place) places.push(place)
  }
}
