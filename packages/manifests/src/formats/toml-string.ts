// TOML's four kinds of strings: where they end, and how a text is written in the kind that stood there.
import { spellString } from '../scalar-text.ts'
import type { Cursor } from './cursor.ts'
import { Unspeakable } from './nodes.ts'

/** Steps over a string of any kind; false where none begins. */
export function anyString(cursor: Cursor): boolean {
  const mark = cursor.match(/"""|'''/y)
  if (mark === undefined) return lineString(cursor)
  const sign = mark.charAt(0)
  const [plain, quotes] = sign === '"' ? [/[^"\\]+|\\[^]/y, /"{1,5}/y] : [/[^']+/y, /'{1,5}/y]
  while ((cursor.match(quotes)?.length ?? 0) < 3)
    if (cursor.match(plain) === undefined && cursor.next !== sign) cursor.fail('a string has no end')
  return true
}

/** Steps over a string on one line, such as a key may be. */
export function lineString(cursor: Cursor): boolean {
  const mark = cursor.match(/["']/y)
  if (mark === undefined) return false
  const plain = mark === '"' ? /[^"\\\r\n]+|\\[^\r\n]/y : /[^'\r\n]+/y
  while (!cursor.took(mark))
    if (cursor.match(plain) === undefined) cursor.fail('a string has no end on its line')
  return true
}

/** @throws Unspeakable */
export function quote(text: string, old: string): string {
  if (!text.isWellFormed()) throw new Unspeakable('it has half of a surrogate pair')
  const basic = spellString(text, { flow: true, json: true })
  const [mark = '"', newline = ''] =
    /^(?:"""|'''|["'])(?:\r?\n)?/.exec(old)?.[0].match(/^["']+|[^"']+/g) ?? []
  // eslint-disable-next-line no-control-regex
  if (mark === "'") return /^[^'\0-\x08\n-\x1f\x7f]*$/.test(text) ? `'${text}'` : basic
  if (mark === '"') return basic
  // The first line end behind the quotes does not count.
  const lead = newline || (/^\r?\n/.test(text) ? '\n' : '')
  const isCrlf = old.includes('\r\n')
  const lines = isCrlf ? text.replaceAll('\r\n', '\n') : text
  // eslint-disable-next-line no-control-regex
  if (mark === "'''" && /^(?!.*''')[^\0-\x08\x0b-\x1f\x7f]*$/s.test(lines) && !text.endsWith("'"))
    return `'''${lead}${text}'''`
  const breaks = isCrlf ? /\\r\\n|\\./g : /\\./g
  return `"""${lead}${basic.slice(1, -1).replace(breaks, escape => lineBreaks[escape] ?? escape)}"""`
}

const lineBreaks: Record<string, string> = { '\\n': '\n', '\\r\\n': '\r\n' }
