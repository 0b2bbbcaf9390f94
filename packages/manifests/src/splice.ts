// From wishes to edits of the original text, and from edits to the new text. Nothing is ever printed anew.
import { isNode, isScalar, type Document, type Pair, type Scalar } from 'yaml'
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
  const outside = isScalar(node)
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
  refuseUnwritable(node, wanted, where)
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

/** What YAML would read as something else than what is wanted, whatever the spelling. */
function refuseUnwritable(
  node: unknown,
  { kind, text }: ReturnType<typeof resolveValue>,
  where: string,
): void {
  const [, type] = (isScalar(node) && /^tag:yaml\.org,2002:(?!str$)(.*)/.exec(node.tag ?? '')) || []
  const why =
    kind === 'literal' && !isLiteral(text)
      ? 'it is neither a number nor true, false or null'
      : kind === 'string' && type !== undefined
        ? `its type is !!${type}`
        : text.isWellFormed()
          ? undefined
          : 'it has half of a surrogate pair'
  if (why === undefined) return
  const sentence = `${where} cannot hold ${JSON.stringify(text)}: ${why}.`
  throw new UserError('bad-value', sentence, 'Give another value.')
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

function add(
  { file, text, format, lineOf }: Manifest,
  { map, after, key, value }: Extract<Wish, { kind: 'add' }>,
): Edit {
  const flow = map.flow === true
  const json = format === 'json' || (isScalar(after.key) && after.key.type === 'QUOTE_DOUBLE')
  const line = `${json ? `"${key}"` : key}: ${spellString(value.text, { flow, json })}`
  const keyOffset = offsetOf(after.key)
  const lineStart = text.lastIndexOf('\n', keyOffset - 1) + 1
  const lead = text.slice(lineStart, keyOffset)
  if (/\?\s+$/.test(lead)) {
    const sentence = `${file}:${lineOf(keyOffset)} has a key behind "?", beside which nothing can be added.`
    throw new UserError('not-a-value', sentence, 'Write it as "key: value" on one line.')
  }
  const valueEnd = endOfPair(text, after)
  const lineEnd = endOfLine(text, valueEnd)
  const eol =
    text.startsWith('\r\n', lineEnd) || (lineEnd === text.length && text.includes('\r\n')) ? '\r\n' : '\n'
  if (!flow) return { offset: lineEnd, length: 0, text: `${eol}${' '.repeat(keyOffset - lineStart)}${line}` }
  const separator = lead.trim() === '' && lineStart > 0 ? `,${eol}${lead}` : ', '
  return { offset: valueEnd, length: 0, text: separator + line }
}

/** Comments on lines of their own stay. */
function remove({ file, text, lineOf }: Manifest, { map, pair }: Extract<Wish, { kind: 'remove' }>): Edit {
  const index = map.items.indexOf(pair)
  const start = offsetOf(pair.key)
  if (isScalar(pair.value) && pair.value.anchor !== undefined) {
    const sentence = `${file}:${lineOf(start)} has the anchor &${pair.value.anchor}, which others may use, so it cannot be removed.`
    throw new UserError(
      'anchored',
      sentence,
      'Give "tag" and "digest", or write the value without an anchor.',
    )
  }
  const end = endOfPair(text, pair)
  const lineEnd = endOfLine(text, end)
  const [previous, next] = [map.items[index - 1], map.items[index + 1]]
  if (index === 0 && next) {
    const isCommented = text.slice(map.flow === true ? end : lineEnd, offsetOf(next.key)).includes('#')
    if (!isCommented) return cut(start, offsetOf(next.key))
    if (map.flow === true) return cut(start, text.indexOf(',', end) + 1)
    return cut(text.slice(0, start).trimEnd().length, lineEnd)
  }
  if (map.flow === true) {
    const from = previous ? endOfPair(text, previous) : start
    return cut(text.slice(from, start).includes('#') ? start : from, end)
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  if (lineEnd < text.length) return cut(lineStart, text.indexOf('\n', lineEnd) + 1)
  return cut(endOfLine(text, lineStart - 1 - (text[lineStart - 2] === '\r' ? 1 : 0)), lineEnd)
}

/** Before the line break that ends a block of text. */
function endOfPair(text: string, { key, value }: Pair): number {
  const end = endOf(isNode(value) ? value : key)
  if (!isBlock(value) || text[end - 1] !== '\n') return end
  return end - (text[end - 2] === '\r' ? 2 : 1)
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
