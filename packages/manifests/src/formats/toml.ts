// Reads TOML with positions: a scanner finds where values stand, and `smol-toml` says whether it is TOML and what they hold.
import { parse, TomlError } from 'smol-toml'
import { isMap, isSeq, Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { limits } from '../prescan.ts'
import { Cursor, Unreadable } from './cursor.ts'
import {
  keyNode,
  listNode,
  literalNode,
  mapNode,
  placed,
  Spelled,
  stringNode,
  type Span,
  type Spelling,
} from './nodes.ts'
import type { Reader } from './reader.ts'
import { anyString, lineString, quote } from './toml-string.ts'

const date = /\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[-+]\d\d:\d\d)?)?/
const time = /\d\d:\d\d(?::\d\d(?:\.\d+)?)?/
const number =
  /[-+]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d(?:_?\d)*)?|[-+]?(?:inf|nan)|0x[\da-fA-F](?:_?[\da-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*/

const spelling: Spelling = {
  name: 'TOML',
  literal: new RegExp(`^(?:true|false|${number.source}|${date.source}|${time.source})$`),
  quote,
}

/** Source: TOML 1.0 and 1.1, https://toml.io/en/v1.1.0 */
export const readToml: Reader = text => {
  const cursor = new Cursor(text)
  const root = new Table([cursor.at, text.length])
  let table = root
  for (skipBlank(cursor); !cursor.isAtEnd; skipBlank(cursor)) {
    const isList = cursor.took('[[')
    if (isList || cursor.took('[')) {
      cursor.counted(4)
      const key = readKey(cursor)
      cursor.expect(isList ? ']]' : ']')
      table = isList ? root.append(key) : root.reach([...key.above, key.name])
    } else readPair(cursor, table)
    skipSpaces(cursor)
    comment(cursor)
    if (!cursor.isAtEnd && cursor.match(/\r?\n/y) === undefined) cursor.fail('the end of the line is missing')
  }
  fill(root.node, parsed(text), cursor)
  return { documents: [root.node], remarks: cursor.remarks }
}

interface Name {
  key: string
  span: Span
}

/** A dotted key: the tables on the way and the name in the last one. */
interface Key {
  above: Name[]
  name: Name
}

/** A table under construction, which headers may come back to. */
class Table {
  readonly node: YAMLMap
  /** Of a list of tables, the last one. */
  private readonly below = new Map<string, { table: Table; list?: YAMLSeq }>()

  constructor(span: Span) {
    this.node = mapNode([], span)
  }

  /** The table of these names, which is made where there is none. */
  reach([name, ...rest]: readonly Name[]): Table {
    if (name === undefined) return this
    const found = this.below.get(name.key)?.table
    const table = found ?? new Table(name.span)
    if (found === undefined) this.put(name, table)
    return table.reach(rest)
  }

  /** One more table of the list of these names. */
  append({ above, name }: Key): Table {
    const holder = this.reach(above)
    const table = new Table(name.span)
    const found = holder.below.get(name.key)
    if (found?.list === undefined) holder.put(name, table, listNode([], name.span))
    else found.table = table
    holder.below.get(name.key)?.list?.items.push(table.node)
    return table
  }

  add({ key, span }: Name, value: unknown): void {
    this.node.items.push(new Pair(keyNode(key, span), value))
  }

  private put(name: Name, table: Table, list?: YAMLSeq): void {
    this.below.set(name.key, { table, ...(list && { list }) })
    this.add(name, list ?? table.node)
  }
}

function readPair(cursor: Cursor, table: Table): void {
  const { above, name } = readKey(cursor)
  cursor.expect('=')
  skipSpaces(cursor)
  table.reach(above).add(name, readValue(cursor))
}

function readKey(cursor: Cursor): Key {
  const above: Name[] = []
  for (;;) {
    skipSpaces(cursor)
    const start = cursor.at
    if (!lineString(cursor) && cursor.match(/[\w-]+/y) === undefined) cursor.fail('a key is missing')
    const raw = cursor.text.slice(start, cursor.at)
    const key = /^["']/.test(raw) ? decodedKey(raw, cursor) : raw
    const name = { key, span: [start, cursor.at] } as const
    skipSpaces(cursor)
    if (!cursor.took('.')) return { above, name }
    above.push(name)
    if (above.length >= limits.depth)
      cursor.fail(`it is nested deeper than ${limits.depth} levels`, 'too-deep')
  }
}

function decodedKey(raw: string, cursor: Cursor): string {
  if (!raw.includes('\\')) return raw.slice(1, -1)
  const { k } = parsed(`k = ${raw}`, cursor.at - raw.length)
  return String(k)
}

function readValue(cursor: Cursor): unknown {
  cursor.counted()
  const { text, at: start } = cursor
  if (cursor.took('['))
    return cursor.nested(() =>
      listNode(
        members(cursor, ']', () => readValue(cursor)),
        [start, cursor.at],
      ),
    )
  if (cursor.took('{')) return cursor.nested(() => inlineTable(cursor, start))
  if (anyString(cursor)) {
    const style = text[start] === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE'
    return stringNode(spelling, text, [start, cursor.at], '', style)
  }
  if (cursor.match(/\d{4}-\d\d-\d\d \d\d:[-+.:\w]*|[-+.:\w]+/y) === undefined)
    cursor.fail('a value is missing')
  return literalNode(spelling, text, [start, cursor.at])
}

function inlineTable(cursor: Cursor, start: number): YAMLMap {
  const table = new Table([start, start])
  members(cursor, '}', () => readPair(cursor, table))
  return placed(table.node, [start, cursor.at])
}

function members<Member>(cursor: Cursor, closer: string, member: () => Member): Member[] {
  const found: Member[] = []
  for (skipBlank(cursor); !cursor.took(closer); skipBlank(cursor)) {
    found.push(member())
    skipBlank(cursor)
    if (!cursor.took(',') && cursor.next !== closer) cursor.fail(`"," or "${closer}" is missing`)
  }
  return found
}

function parsed(text: string, offset = 0): Record<string, unknown> {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const lines = text.split('\n', error.line - 1).join('\n').length
    throw new Unreadable(
      offset + lines + error.column,
      error.message.split('\n')[0]?.replace(/^.*?: /, '') ?? '',
    )
  }
}

/** Gives the strings what the parser read, in a tree that has to be the same. */
function fill(node: unknown, read: unknown, cursor: Cursor): void {
  if (isMap(node) && isRecord(read) && node.items.length === Object.keys(read).length) {
    for (const { key, value } of node.items) fill(value, read[String(key)], cursor)
  } else if (isSeq(node) && Array.isArray(read) && node.items.length === read.length) {
    for (const [index, item] of node.items.entries()) fill(item, read[index], cursor)
  } else if (node instanceof Spelled && typeof node.value === 'string' && typeof read === 'string') {
    node.value = node.source = read
  } else if (!(node instanceof Spelled) || typeof node.value === 'string' || typeof read === 'string') {
    cursor.fail('its values and their places do not agree')
  }
}

function isRecord(read: unknown): read is Record<string, unknown> {
  return typeof read === 'object' && read !== null
}

function comment(cursor: Cursor): boolean {
  const isHere = cursor.sees('#')
  if (isHere) cursor.lineComment('#')
  return isHere
}

function skipSpaces(cursor: Cursor): void {
  cursor.match(/[ \t]+/y)
}

function skipBlank(cursor: Cursor): void {
  do cursor.match(/[ \t\r\n]+/y)
  while (comment(cursor))
}
