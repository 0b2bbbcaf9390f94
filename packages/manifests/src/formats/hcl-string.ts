// HCL's quoted strings, heredocs and templates: where they end, what they hold, how a text is written as one.
import { Unspeakable } from './nodes.ts'
import type { Cursor } from './cursor.ts'

/**
 * Steps over a string in quotes.
 *
 * @returns what it holds, or `undefined` where that has to be computed
 */
export function quotedString(cursor: Cursor): string | undefined {
  cursor.expect('"')
  const start = cursor.at
  let isTemplate = false
  for (;;) {
    cursor.match(/[^"\\$%\r\n]+/y)
    if (cursor.next === '"') break
    if (cursor.took('\\')) {
      if (cursor.match(/[nrt"\\]|u[\da-fA-F]{4}|U(?:000[\da-fA-F]|0010)[\da-fA-F]{4}/y) === undefined)
        cursor.fail('HCL does not know this escape')
    } else if (cursor.next === '$' || cursor.next === '%') {
      isTemplate = dollars(cursor) || isTemplate
    } else cursor.fail('a string has no end on its line')
  }
  const raw = cursor.text.slice(start, cursor.at++)
  return isTemplate ? undefined : decode(raw)
}

/** Steps over `$` or `%` and the template that it may begin; with more than one before the brace it begins none. */
function dollars(cursor: Cursor): boolean {
  const mark = cursor.next
  const signs = cursor.match(mark === '$' ? /\$+/y : /%+/y) ?? ''
  if (cursor.next !== '{' || signs.length > 1) return false
  cursor.at++
  balanced(cursor, '}')
  return true
}

/** Steps over a heredoc, whose interpolations may hold its own end mark. */
export function heredoc(cursor: Cursor): boolean {
  const begin = cursor.match(/<<-?[\p{ID_Start}_][\p{ID_Continue}-]*\r?\n/uy)
  if (begin === undefined) return false
  const mark = begin.replace(/^<<-?|\r?\n$/g, '')
  const end = new RegExp(`[ \\t]*${mark}(?=[ \\t]*(?:\\r?\\n|$))`, 'uy')
  while (cursor.match(end) === undefined) {
    while (!cursor.took('\n')) {
      cursor.match(/[^$%\n]+/y)
      if (cursor.isAtEnd) cursor.fail(`the heredoc ${mark} has no end`)
      if (cursor.next !== '\n') dollars(cursor)
    }
  }
  return true
}

/** Steps over everything up to and with the bracket that closes what was just opened. */
export function balanced(cursor: Cursor, closer: string): void {
  cursor.nested(() => {
    while (!cursor.took(closer)) if (!piece(cursor)) cursor.fail(`"${closer}" is missing`)
  })
}

/** Signs of an expression that open and close nothing. */
export const plain = /[^"#/<()[\]{},\r\n]+/y

const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** Steps over one piece of an expression, line ends included: a run of plain signs, a string, a comment, brackets with all in them. */
export function piece(cursor: Cursor): boolean {
  if (cursor.match(plain) !== undefined || cursor.match(/[\r\n]+|,/y) !== undefined) return true
  const { next } = cursor
  const closer = closers[next]
  if (closer !== undefined) {
    cursor.at++
    balanced(cursor, closer)
  } else if (next === '"') quotedString(cursor)
  else return comment(cursor) || heredoc(cursor) || cursor.match(/<=?|\//y) !== undefined
  return true
}

export function comment(cursor: Cursor): boolean {
  if (cursor.sees('/*')) cursor.blockComment()
  else if (cursor.sees('//')) cursor.lineComment('//')
  else if (cursor.sees('#')) cursor.lineComment('#')
  else return false
  return true
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

function decode(raw: string): string {
  return raw.replace(
    /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))|([$%])\4\{/g,
    (_, short?: string, long?: string, sign?: string, mark?: string) => {
      if (mark !== undefined) return `${mark}{`
      if (sign !== undefined) return escapes[sign] ?? sign
      return String.fromCodePoint(Number.parseInt(short ?? long ?? '', 16))
    },
  )
}

/** @throws Unspeakable */
export function quote(text: string): string {
  if (!text.isWellFormed()) throw new Unspeakable('it has half of a surrogate pair')
  return JSON.stringify(text).replace(/\\.|[\x7f-\x9f\u2028\u2029\ufeff]|[$%](?=\{)/g, sign => {
    if (sign.startsWith('\\')) return unknown[sign] ?? sign
    return sign === '$' || sign === '%'
      ? sign + sign
      : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** JSON's escapes that HCL does not know. */
const unknown: Record<string, string> = { '\\b': '\\u0008', '\\f': '\\u000c' }
