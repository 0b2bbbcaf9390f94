// Reads HCL's native syntax with positions: attributes, blocks by type and labels, objects, lists, literals; the rest is an expression.
import { isCollection, Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { Cursor } from './cursor.ts'
import { balanced, comment, piece, plain, quote, quotedString } from './hcl-string.ts'
import {
  Blocks,
  Expression,
  keyNode,
  listNode,
  literalNode,
  mapNode,
  placed,
  stringNode,
  type Span,
  type Spelling,
} from './nodes.ts'
import type { Reader } from './reader.ts'

const spelling: Spelling = {
  name: 'HCL',
  literal: /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)$/,
  template: /[$%]\{/,
  quote,
}

/** Source: HCL Native Syntax Specification, https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md */
export const readHcl: Reader = text => {
  const cursor = new Cursor(text)
  const contents = body(cursor)
  if (!cursor.isAtEnd) cursor.fail('an attribute or a block is missing')
  return { documents: [contents], remarks: cursor.remarks }
}

const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy

/** Up to the end of the text or the `}` of its block. */
function body(cursor: Cursor): YAMLMap {
  const start = cursor.at
  const attributes: Pair[] = []
  const known = new Set<string>()
  const blocks = new Grouped()
  for (skipBlank(cursor); !cursor.isAtEnd && cursor.next !== '}'; skipBlank(cursor)) {
    const keyStart = cursor.at
    const key = cursor.match(identifier) ?? cursor.fail('the name of an attribute or a block is missing')
    const span = [keyStart, cursor.at] as const
    skipSpaces(cursor)
    if (cursor.took('=')) {
      if (known.has(key)) cursor.fail(`the attribute ${key} is there already`)
      known.add(key)
      attributes.push(new Pair(keyNode(key, span), expression(cursor, 'line')))
    } else {
      cursor.counted()
      const names = [{ key, span }, ...labels(cursor)]
      cursor.expect('{')
      blocks.add(
        names,
        cursor.nested(() => body(cursor)),
      )
      cursor.expect('}')
    }
    skipSpaces(cursor)
    if (cursor.next !== '}' && !cursor.isAtEnd && cursor.match(/\r?\n/y) === undefined)
      cursor.fail('the end of the line is missing')
  }
  return mapNode([...attributes, ...blocks.pairs()], [start, cursor.at])
}

interface Name {
  key: string
  span: Span
}

function labels(cursor: Cursor): Name[] {
  const found: Name[] = []
  for (;;) {
    skipSpaces(cursor)
    const start = cursor.at
    if (cursor.next === '{') return found
    const key = cursor.next === '"' ? quotedString(cursor) : cursor.match(identifier)
    if (key === undefined) cursor.fail('"=" or "{" is missing')
    found.push({ key, span: [start, cursor.at] })
  }
}

/** Blocks by their type and then by their labels, each name one step of the path. */
class Grouped {
  private readonly bodies: YAMLMap[] = []
  private readonly below = new Map<string, { name: Name; group: Grouped }>()

  add([name, ...rest]: readonly Name[], node: YAMLMap): void {
    if (name === undefined) {
      this.bodies.push(node)
      return
    }
    const { group } = this.below.get(name.key) ?? { group: new Grouped() }
    if (group.isEmpty) this.below.set(name.key, { name, group })
    group.add(rest, node)
  }

  get isEmpty(): boolean {
    return this.bodies.length === 0 && this.below.size === 0
  }

  /** A type that is there with labels and without has two pairs. */
  pairs(): Pair[] {
    return [...this.below.values()].flatMap(({ name: { key, span }, group }) => [
      ...(group.bodies.length > 0 ? [new Pair(keyNode(key, span), group.blocks(span))] : []),
      ...(group.below.size > 0 ? [new Pair(keyNode(key, span), mapNode(group.pairs(), span))] : []),
    ])
  }

  private blocks(span: Span): Blocks {
    const blocks = placed(new Blocks(), span)
    blocks.items = this.bodies
    return blocks
  }
}

/** What ends an expression besides a comma or a closing bracket: the end of the line, except in lists. */
type Ending = 'line' | 'comma'

function expression(cursor: Cursor, ending: Ending): unknown {
  const skip = ending === 'line' ? skipSpaces : skipBlank
  skip(cursor)
  cursor.counted()
  const start = cursor.at
  const node = literal(cursor)
  const whole = cursor.at
  let end = whole
  for (skip(cursor); !isEnd(cursor, ending); skip(cursor)) {
    const run = cursor.match(plain)
    if (run === undefined && !piece(cursor)) cursor.fail('this is no expression')
    if (run !== undefined && /(?<![=!>])=(?![=>])/.test(run)) cursor.fail('the end of the line is missing')
    end = cursor.at
  }
  if (end === start) cursor.fail('a value is missing')
  if (node !== undefined && end === whole) return node
  const source = cursor.text.slice(start, end).trimEnd()
  const what = source.startsWith('<<') ? 'a heredoc' : 'an expression'
  return placed(new Expression(what, source), [start, start + source.length])
}

function isEnd(cursor: Cursor, ending: Ending): boolean {
  return cursor.isAtEnd || /[,)\]}]/.test(cursor.next) || (ending === 'line' && /[\r\n]/.test(cursor.next))
}

/** A value that stands there as itself; steps over it, or over as much of an expression as is read without one. */
function literal(cursor: Cursor): Scalar | YAMLMap | YAMLSeq | undefined {
  const { text, at: start, next } = cursor
  if (next === '"') {
    const decoded = quotedString(cursor)
    const span = [start, cursor.at] as const
    if (decoded === undefined) return placed(new Expression('a template', text.slice(...span)), span)
    return stringNode(spelling, text, span, decoded)
  }
  if (next === '{' || next === '[') {
    cursor.at++
    return cursor.nested(() => {
      skipBlank(cursor)
      if (cursor.match(/for(?![\p{ID_Continue}-])/uy) !== undefined) {
        balanced(cursor, next === '{' ? '}' : ']')
        return undefined
      }
      return next === '{'
        ? mapNode(entries(cursor), [start, cursor.at])
        : listNode(items(cursor), [start, cursor.at])
    })
  }
  if (cursor.match(/(?:json|yaml)encode[ \t]*\(/y) !== undefined) return encoded(cursor)
  if (
    cursor.match(/(?:true|false|null)(?![\p{ID_Continue}-])|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/uy) === undefined
  )
    return undefined
  return literalNode(spelling, text, [start, cursor.at])
}

/** A map or list that is encoded answers to paths as if it stood there by itself: every value in it is still a literal. */
function encoded(cursor: Cursor): YAMLMap | YAMLSeq | undefined {
  return cursor.nested(() => {
    const node = expression(cursor, 'comma')
    cursor.took(',')
    skipBlank(cursor)
    if (!cursor.took(')')) balanced(cursor, ')')
    else if (isCollection(node)) return node
    return undefined
  })
}

function items(cursor: Cursor): unknown[] {
  const found: unknown[] = []
  for (skipBlank(cursor); !cursor.took(']'); skipBlank(cursor)) {
    found.push(expression(cursor, 'comma'))
    if (!cursor.took(',') && cursor.next !== ']') cursor.fail('"," or "]" is missing')
  }
  return found
}

function entries(cursor: Cursor): Pair[] {
  const found: Pair[] = []
  for (skipBlank(cursor); !cursor.took('}'); skipBlank(cursor)) {
    const key = objectKey(cursor)
    skipSpaces(cursor)
    if (!cursor.took('=')) cursor.expect(':')
    found.push(new Pair(key, expression(cursor, 'line')))
    if (!cursor.took(',') && cursor.match(/\r?\n/y) === undefined && cursor.next !== '}')
      cursor.fail('",", "}" or the end of the line is missing')
  }
  return found
}

function objectKey(cursor: Cursor): Scalar {
  const start = cursor.at
  let key = cursor.match(identifier) ?? cursor.match(/\d+/y)
  if (key === undefined && cursor.next === '"') key = quotedString(cursor)
  else if (key === undefined && cursor.took('(')) balanced(cursor, ')')
  if (cursor.at === start) cursor.fail('a key or "}" is missing')
  const span = [start, cursor.at] as const
  return key === undefined
    ? placed(new Expression('an expression', cursor.text.slice(...span)), span)
    : keyNode(key, span)
}

function skipSpaces(cursor: Cursor): void {
  do cursor.match(/[ \t]+/y)
  while (comment(cursor))
}

function skipBlank(cursor: Cursor): void {
  do cursor.match(/[ \t\r\n]+/y)
  while (comment(cursor))
}
