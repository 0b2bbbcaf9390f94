// A manifest as it was read: its text, its documents with positions, its lines and comments.
import { isAlias, isNode, isScalar, parseAllDocuments, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { formatByName, readText, type Format } from './formats/reader.ts'
import { prescan, sized, tokens } from './prescan.ts'

export interface Manifest {
  file: string
  text: string
  format: 'yaml' | Format
  documents: Document.Parsed[]
  /** From 1. */
  lineOf: (offset: number) => number
  comments: Comment[]
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

/** @throws UserError of `prescan`; `unknown-format`; `unreadable` when it does not parse */
export function readManifest(file: string, bytes: Uint8Array): Manifest {
  const format = formatOf(file)
  return parseManifest(file, (format === 'yaml' ? prescan : sized)(file, bytes), format)
}

function formatOf(file: string): Manifest['format'] {
  if (/(?:\.ya?ml|(?:^|\/)Kustomization)$/i.test(file)) return 'yaml'
  const format = formatByName(file)
  if (format !== undefined) return format
  const sentence = `${file} is neither YAML, JSON, HCL nor TOML by its name.`
  throw new UserError('unknown-format', sentence, 'Take it out of "files".')
}

/** @throws UserError `unreadable` */
export function parseManifest(file: string, text: string, format: Manifest['format']): Manifest {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const lineOf = (offset: number) => {
    let [low, high] = [0, lineStarts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
  if (format !== 'yaml') return { file, text, format, lineOf, ...readText(file, text, format, lineOf) }
  const parsed = parseAllDocuments(text, {
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  })
  const documents = 'empty' in parsed ? [] : parsed
  for (const { errors } of documents) {
    const [error] = errors
    if (error === undefined) continue
    const sentence = `${file}:${lineOf(error.pos[0])} cannot be read as YAML: ${error.message}`
    const remedy = 'Mend the file, or take it out of "files"; templates are not built yet.'
    throw new UserError('unreadable', sentence.replace(/\.?$/, '.'), remedy)
  }
  const comments: Comment[] = []
  for (const { token, offset, line } of tokens(text)) {
    if (!token.startsWith('#')) continue
    const alone = text.slice(lineStarts[line - 1], offset).trim() === ''
    comments.push({ text: token, offset, line, alone })
  }
  return { file, text, format, documents, lineOf, comments }
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
