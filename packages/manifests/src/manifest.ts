// A manifest as it was read: its text, its documents with positions, its lines and comments.
import { isAlias, isNode, isScalar, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { formatByName, readText, type Format } from './formats/reader.ts'
import { sized } from './prescan.ts'
import { readYaml } from './yaml/read.ts'

export interface Manifest {
  file: string
  text: string
  format: 'yaml' | Format
  documents: Document.Parsed[]
  /** From 1. */
  lineOf: (offset: number) => number
  comments: Comment[]
  /** A template that is no YAML even when masked: its lines are keys of one map. */
  isLoose?: boolean
  /** How many strings it stands inside. */
  level: number
  commentsOn: (line: number) => readonly Comment[]
}

export interface Comment {
  /** With its `#`. */
  text: string
  offset: number
  line: number
  /** Nothing else stands on its line. */
  alone: boolean
}

/** A place in a document: keys and indices. */
export type Steps = readonly (string | number)[]

/** @throws UserError of `sized` and `prescan`; `unknown-format`; `unreadable` when it does not parse */
export function readManifest(file: string, bytes: Uint8Array): Manifest {
  return parseManifest(file, sized(file, bytes), formatOf(file))
}

function formatOf(file: string): Manifest['format'] {
  if (/(?:\.ya?ml|(?:^|\/)Kustomization)$/i.test(file)) return 'yaml'
  const format = formatByName(file)
  if (format !== undefined) return format
  const sentence = `${file} is neither YAML, JSON, HCL nor TOML by its name.`
  throw new UserError('unknown-format', sentence, 'Take it out of "files".')
}

/** @throws UserError of `prescan`; `unreadable` */
export function parseManifest(file: string, text: string, format: Manifest['format'], level = 0): Manifest {
  const lineOf = lineFinder(text)
  const read = format === 'yaml' ? readYaml(file, text, lineOf) : readText(file, text, format, lineOf)
  let byLine: Map<number, Comment[]> | undefined
  const commentsOn = (line: number) => {
    byLine ??= groupByLine(read.comments)
    return byLine.get(line) ?? []
  }
  return { file, text, format, level, lineOf, commentsOn, ...read }
}

/** More lines of comments above a value than anybody reads as being about it. */
const mostLines = 20

/** Is a comment that is alone on its line about what stands on the other? Only more of its kind may be between them. */
export function isAbove({ commentsOn }: Manifest, line: number, below: number): boolean {
  if (below - line > mostLines) return false
  for (let between = line + 1; between < below; between++)
    if (commentsOn(between)[0]?.alone !== true) return false
  return true
}

/** On this line, and alone on those above it. */
export function commentsAbout(manifest: Manifest, line: number): Comment[] {
  const about = [...manifest.commentsOn(line)]
  for (let above = line - 1; isAbove(manifest, above, line); above--)
    about.push(...manifest.commentsOn(above).filter(({ alone }) => alone))
  return about
}

function groupByLine(comments: readonly Comment[]): Map<number, Comment[]> {
  const byLine = new Map<number, Comment[]>()
  for (const comment of comments) {
    const beside = byLine.get(comment.line)
    if (beside === undefined) byLine.set(comment.line, [comment])
    else beside.push(comment)
  }
  return byLine
}

function lineFinder(text: string): (offset: number) => number {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return offset => {
    let [low, high] = [0, lineStarts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/** What a scalar holds as text, in its own spelling; an alias tells what its anchor holds. `undefined`: it is no scalar. */
export function textOf(node: unknown, document: Document.Parsed): string | undefined {
  const target = isAlias(node) ? node.resolve(document) : node
  if (!isScalar(target)) return undefined
  return target.source ?? (typeof target.value === 'string' ? target.value : '')
}

/** Like `textOf`, for what is a string or could be meant as one; no null. */
export function filled(node: unknown, document: Document.Parsed): string | undefined {
  const target = isAlias(node) ? node.resolve(document) : node
  return isScalar(target) && target.value !== null && target.value !== ''
    ? textOf(target, document)
    : undefined
}

/** Where a node's own text begins, behind its anchor and tag. */
export function offsetOf(node: unknown): number {
  return rangeOf(node)[0]
}

/** Where a node's own text ends, before spaces and comments. */
export function endOf(node: unknown): number {
  return rangeOf(node)[1]
}

function rangeOf(node: unknown): readonly [number, number, number] {
  if (isNode(node) && node.range) return node.range
  throw new Error('A node without a position was not read from a text.')
}
