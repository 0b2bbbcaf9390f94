// Where each character of a string stands in the text that spells it, and how others are written between them.
import type { Scalar } from 'yaml'
import { needsQuotes } from './scalar-text.ts'
import type { Edit } from './types.ts'

export interface Characters {
  /** For each UTF-16 unit of the string, and for its end, an offset of the text. */
  offsets: readonly number[]
  /** How further text is written between; `undefined` where this style cannot say it. */
  write: (text: string) => string | undefined
}

/** `undefined` for what is not a string with a place in the text, or is spelled in a way that is not understood. */
export function charactersOf(text: string, { value, type, range }: Scalar): Characters | undefined {
  if (typeof value !== 'string' || !range) return undefined
  const [start, end] = range
  const reader = new CharacterReader(text)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  let write: Characters['write'] = () => undefined
  if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') {
    const indent = reader.block(start, end, type === 'BLOCK_FOLDED')
    const feed = (type === 'BLOCK_FOLDED' ? eol + eol : eol) + indent
    write = more =>
      unwritable.test(more) ? undefined : more.replaceAll(/\n(?!\n)/g, feed).replaceAll(/\n(?=\r?\n)/g, eol)
    if (value === `${reader.value.slice(0, value.length)}\n`) reader.add('\n', end)
  } else if (type === 'QUOTE_DOUBLE') {
    reader.quoted(start + 1, end - 1, '\\')
    write = more => JSON.stringify(more).slice(1, -1)
  } else if (type === 'QUOTE_SINGLE') {
    reader.quoted(start + 1, end - 1, "'")
    write = more => (unwritable.test(more) || more.includes('\n') ? undefined : more.replaceAll("'", "''"))
  } else reader.quoted(start, end, '')
  const offsets = [...reader.offsets.slice(0, value.length), reader.ends[value.length - 1] ?? start]
  return reader.value.startsWith(value) ? { offsets, write } : undefined
}

/** Edits of the text that spells a string, for edits of the string; `undefined` where only the whole can be written anew. */
export function editsOutside(
  text: string,
  node: Scalar,
  edits: readonly Edit[],
  after: string,
  isFlow: boolean,
): Edit[] | undefined {
  const characters = charactersOf(text, node)
  if (characters === undefined) return undefined
  if (node.type === 'PLAIN' && needsQuotes(after, isFlow)) return undefined
  // The first character decides how deep a block is indented.
  if (node.type?.startsWith('BLOCK') && /^(?:\s|$)/.test(after) && after[0] !== String(node.value)[0])
    return undefined
  const outside = edits.flatMap(edit => moved(edit, characters) ?? [])
  return outside.length === edits.length ? outside : undefined
}

function moved({ offset, length, text }: Edit, { offsets, write }: Characters): Edit | undefined {
  const [from, to] = [offsets[offset], offsets[offset + length]]
  const written = write(text)
  if (from === undefined || to === undefined || written === undefined) return undefined
  return { offset: from, length: to - from, text: written }
}

// eslint-disable-next-line no-control-regex
const unwritable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

const escapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}

/** Collects a string as a spelling is read. */
class CharacterReader {
  value = ''
  readonly offsets: number[] = []
  readonly ends: number[] = []
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  add(characters: string, at: number, end = at): void {
    this.value += characters
    for (let unit = 0; unit < characters.length; unit++) {
      this.offsets.push(at)
      this.ends.push(end)
    }
  }

  #addEach(from: number, to: number): void {
    for (let at = from; at < to; at++) this.add(this.#text[at] ?? '', at, at + 1)
  }

  /** Plain and quoted text: escapes, and line breaks that fold (YAML 1.2.2, 7.3 and 6.5). */
  quoted(from: number, to: number, escape: string): void {
    const token =
      /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|\r?\n[ \t]*|([^]))|''|[ \t]*\r?\n(?:[ \t]*\r?\n)*[ \t]*|[^]/giy
    let at = from
    while (at < to) {
      token.lastIndex = at
      const [found = '', two, four, eight, single] = token.exec(this.#text) ?? []
      const isEscape =
        found.length > 1 && ((escape === '\\' && found[0] === '\\') || (escape === "'" && found === "''"))
      const code = two ?? four ?? eight
      if (/^[ \t]*\r?\n/.test(found)) {
        const breaks = found.split('\n').length - 1
        this.add(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at, at + found.length)
      } else if (!isEscape) this.#addEach(at, at + 1)
      else if (escape === "'") this.add("'", at, at + 2)
      else if (code !== undefined)
        this.add(String.fromCodePoint(Number.parseInt(code, 16)), at, at + found.length)
      else if (single !== undefined) this.add(escapes[single] ?? single, at, at + found.length)
      at += isEscape || /\n/.test(found) ? found.length : 1
    }
  }

  /** Block text with all of its last line breaks; returns its indentation (YAML 1.2.2, 8.1). */
  block(from: number, to: number, isFolded: boolean): string {
    const text = this.#text
    const lines: { at: number; end: number; next: number }[] = []
    for (let at = text.indexOf('\n', from) + 1; at > 0 && at < to;) {
      const newline = text.indexOf('\n', at)
      const next = newline < 0 || newline >= to ? to : newline + 1
      const end =
        newline < 0 || newline >= to ? to : newline > at && text[newline - 1] === '\r' ? newline - 1 : newline
      lines.push({ at, end, next })
      at = next
    }
    const first = lines.find(({ at, end }) => text.slice(at, end).trim() !== '')
    const explicit = /^[|>][-+]?[1-9]/.test(text.slice(from, from + 3))
    const own = (line: { at: number; end: number }) => /^ */.exec(text.slice(line.at, line.end))?.[0] ?? ''
    const indent = explicit
      ? lines
          .map(own)
          .filter((_, index) => text.slice(lines[index]?.at, lines[index]?.end).trim() !== '')
          .reduce((a, b) => (b.length < a.length ? b : a), own(first ?? { at: 0, end: 0 }))
      : own(first ?? { at: 0, end: 0 })
    let pending: { at: number; next: number }[] = []
    let wasDeeper = true
    for (const { at, end, next } of lines) {
      const begin = Math.min(at + indent.length, end)
      const isDeeper = /[ \t]/.test(text[begin] ?? '') && begin < end
      if (begin < end) {
        const folds = isFolded && !wasDeeper && !isDeeper
        if (folds && pending.length === 1) this.#break(' ', pending)
        else this.#break('\n'.repeat(folds ? pending.length - 1 : pending.length), pending)
        pending = []
        wasDeeper = isDeeper
        this.#addEach(begin, end)
      }
      if (next > end) pending.push({ at: end, next })
    }
    for (const { at, next } of pending) this.add('\n', at, next)
    return indent
  }

  #break(characters: string, breaks: readonly { at: number; next: number }[]): void {
    const surplus = breaks.length - characters.length
    for (const [index, character] of [...characters].entries()) {
      const first = breaks[index === 0 ? 0 : index + surplus]
      const last = breaks[index + surplus]
      if (first && last) this.add(character, first.at, last.next)
    }
  }
}
