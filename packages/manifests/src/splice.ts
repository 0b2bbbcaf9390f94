// From wishes to edits of the original text, and from edits to the new text. Nothing is ever printed anew.
import { isNode, isScalar, type Document, type Scalar } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { editsOutside } from './characters.ts'
import { Expression, Spelled, Unspeakable } from './formats/nodes.ts'
import { endOf, offsetOf, textOf, type Manifest } from './manifest.ts'
import { formatPath } from './path.ts'
import { isInFlow } from './places.ts'
import { isLiteral, spellString } from './scalar-text.ts'
import type { Wish } from './spot.ts'
import type { Edit, Value } from './types.ts'
import { placeholder } from './yaml/template.ts'

/** Is it there already, as text and as type? */
export function isFulfilled(document: Document.Parsed, wish: Wish): boolean {
  if (wish.kind !== 'set') return false
  const wanted = resolveValue(wish.value, wish.node)
  return textOf(wish.node, document) === wanted.text && isString(wish.node) === (wanted.kind === 'string')
}

/**
 * The edits that fulfil a wish.
 *
 * @throws UserError `not-a-value`, `bad-value`
 */
export function editFor(manifest: Manifest, document: Document.Parsed, wish: Wish): Edit[] {
  if (wish.kind === 'set') return set(manifest, document, wish)
  return [wish.kind === 'add' ? add(manifest, wish) : remove(manifest, wish)]
}

type Set = Extract<Wish, { kind: 'set' }>

/** The edits that fulfil a wish for a string, where its own edits are known; elsewhere the whole string is spelled anew. */
export function editsOfText(
  manifest: Manifest,
  document: Document.Parsed,
  wish: Set,
  edits: readonly Edit[],
): Edit[] {
  const { node, value } = wish
  const outside =
    isScalar(node) && !(node instanceof Spelled)
      ? editsOutside(manifest.text, node, edits, value.text, isInFlow(document, node))
      : undefined
  return outside ?? set(manifest, document, wish)
}

/** @param edits do not overlap; those at one offset keep their order */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let [result, at] = ['', 0]
  for (const { offset, length, text: inserted } of inOrder(edits)) {
    result += text.slice(at, offset) + inserted
    at = offset + length
  }
  return result + text.slice(at)
}

export function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length)
}

/** What a value becomes at this node: a string or a literal. */
export function resolveValue(value: Value, node: unknown): Exclude<Value, { kind: 'as-found' }> {
  if (node instanceof Spelled) return node.resolve(value)
  if (isBlock(node)) return { kind: 'string', text: likeBlock(value.text, String(node.value)) }
  if (value.kind !== 'as-found') return value
  return { kind: !isString(node) && isLiteral(value.text) ? 'literal' : 'string', text: value.text }
}

function isBlock(node: unknown): node is Scalar {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
}

/** A block of text keeps its last line breaks. */
function likeBlock(text: string, old: string): string {
  return text.replace(/\n+$/, '') + (/\n*$/.exec(old)?.[0] ?? '')
}

/** An alias is replaced by a string. */
function isString(node: unknown): boolean {
  return !isScalar(node) || typeof node.value === 'string'
}

function set(
  { file, text, format, lineOf }: Manifest,
  document: Document.Parsed,
  { node, steps, value }: Set,
): Edit[] {
  const wanted = resolveValue(value, node)
  const offset = offsetOf(node)
  const where = `${file}:${lineOf(offset)} ${formatPath(steps)}`
  if (node instanceof Expression) {
    const sentence = `${where} is ${node.what}, which is computed and not a value.`
    throw new UserError('not-a-value', sentence, 'Write the path of what it is computed from.')
  }
  if (textOf(node, document)?.includes(placeholder)) {
    const sentence = `${where} is computed by a template.`
    throw new UserError('not-a-value', sentence, 'Write the path of what it is computed from.')
  }
  if (node instanceof Spelled)
    return [{ offset, length: endOf(node) - offset, text: spelled(node, wanted, where) }]
  if (isBlock(node)) return setBlock(text, node, wanted.text, where)
  const style = isScalar(node) ? node.type : undefined
  const [json, flow] = [format === 'json', isInFlow(document, node)]
  const written = wanted.kind === 'literal' ? wanted.text : spellString(wanted.text, { style, flow, json })
  const length = endOf(node) - offset
  if (length > 0) return [{ offset, length, text: written }]
  // Where nothing stands, the key's colon may be the neighbour on the left and a comment the one on the right.
  const before = /\s/.test(text[offset - 1] ?? ' ') ? '' : ' '
  return [{ offset, length, text: before + written + (text[offset] === '#' ? ' ' : '') }]
}

/** Only the part of a block that differs is written. */
function setBlock(text: string, node: Scalar, wanted: string, where: string): Edit[] {
  const old = String(node.value)
  // The end first: a line that is added goes before the last line break, not behind it.
  let [start, end] = [0, 0]
  const shorter = Math.min(old.length, wanted.length)
  while (end < shorter && old.at(-1 - end) === wanted.at(-1 - end)) end++
  while (start < shorter - end && old[start] === wanted[start]) start++
  const edit = {
    offset: start,
    length: old.length - start - end,
    text: wanted.slice(start, wanted.length - end),
  }
  const edits = editsOutside(text, node, [edit], wanted, false)
  if (edits !== undefined) return edits
  const sentence = `${where} is a block of text, which cannot hold ${JSON.stringify(wanted)}.`
  throw new UserError('bad-value', sentence, 'Write the value in quotes on the line of its key.')
}

function spelled(node: Spelled, wanted: ReturnType<typeof resolveValue>, where: string): string {
  try {
    return node.spell(wanted)
  } catch (error) {
    if (!(error instanceof Unspeakable)) throw error
    const sentence = `${where} cannot hold ${JSON.stringify(wanted.text)}: ${error.message}.`
    throw new UserError('bad-value', sentence, 'Give another value.', { cause: error })
  }
}

function add({ text, format }: Manifest, { map, after, key, value }: Extract<Wish, { kind: 'add' }>): Edit {
  const [json, flow] = [format === 'json', map.flow === true]
  const line = `${json ? `"${key}"` : key}: ${spellString(value.text, { flow, json })}`
  const keyOffset = offsetOf(after.key)
  const lineStart = text.lastIndexOf('\n', keyOffset - 1) + 1
  const valueEnd = endOf(isNode(after.value) ? after.value : after.key)
  const lineEnd = endOfLine(text, valueEnd)
  const eol =
    text.startsWith('\r\n', lineEnd) || (lineEnd === text.length && text.includes('\r\n')) ? '\r\n' : '\n'
  const lead = text.slice(lineStart, keyOffset)
  if (!flow) return { offset: lineEnd, length: 0, text: `${eol}${' '.repeat(keyOffset - lineStart)}${line}` }
  const separator = lead.trim() === '' && lineStart > 0 ? `,${eol}${lead}` : ', '
  return { offset: valueEnd, length: 0, text: separator + line }
}

function remove({ text }: Manifest, { map, pair }: Extract<Wish, { kind: 'remove' }>): Edit {
  const index = map.items.indexOf(pair)
  const start = offsetOf(pair.key)
  const end = endOf(isNode(pair.value) ? pair.value : pair.key)
  const next = map.items[index + 1]
  const previous = map.items[index - 1]
  if (index === 0 && next) return cut(start, offsetOf(next.key))
  if (map.flow === true)
    return cut(previous ? endOf(isNode(previous.value) ? previous.value : previous.key) : start, end)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = endOfLine(text, end)
  if (lineEnd < text.length) return cut(lineStart, text.indexOf('\n', lineEnd) + 1)
  return cut(endOfLine(text, lineStart - 1 - (text[lineStart - 2] === '\r' ? 1 : 0)), lineEnd)
}

function cut(from: number, to: number): Edit {
  return { offset: from, length: to - from, text: '' }
}

/** Where the line of an offset ends, before its CR or LF. */
function endOfLine(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset)
  if (newline < 0) return text.length
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline
}
