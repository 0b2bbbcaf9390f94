// Where each character of a string stands in the text that spells it, and how others are written between them.
import type { Scalar } from 'yaml'
import { Spelled } from './formats/nodes.ts'
import { needsQuotes } from './scalar-text.ts'
import type { Edit } from './types.ts'

export interface Characters {
  /** For each UTF-16 unit of the string, and for its end, an offset of the text. */
  offsets: readonly number[]
  /** How further text is written between; `undefined` where this style cannot say it. */
  write: (text: string) => string | undefined
}

/** `undefined` for what is not a string with a place in the text, or is spelled in a way that is not understood. */
export function charactersOf(text: string, node: Scalar): Characters | undefined {
  const { value, type, range } = node
  if (typeof value !== 'string' || !range) return undefined
  const [start, end] = range
  const reader = new CharacterReader(text)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  let write: Characters['write'] = unwritten
  if (node instanceof Spelled) {
    const { raw, spelling } = node
    const [opening] = /^(?:"""(?:\r?\n)?|")/.exec(raw) ?? []
    if (opening === undefined || spelling.template?.test(value)) return undefined
    const closing = opening.trimEnd().length
    reader.quoted(start + opening.length, end - closing, tokens.SPELLED)
    // A text that begins with a line break would get another one.
    write = more =>
      more.isWellFormed() ? spelling.quote(`x${more}`, raw).slice(opening.length + 1, -closing) : undefined
  } else if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED') {
    if (value === '') return undefined
    const isFolded = type === 'BLOCK_FOLDED'
    const indent = reader.block(start, end, value, isFolded)
    const feed = (isFolded ? eol + eol : eol) + indent
    write = more => (unwritable.test(more) ? undefined : more.replaceAll('\n', feed))
    if (value === `${reader.value}\n`) reader.add('\n', end)
  } else if (type === 'QUOTE_DOUBLE') {
    reader.quoted(start + 1, end - 1, tokens.QUOTE_DOUBLE)
    write = more => JSON.stringify(more).slice(1, -1)
  } else if (type === 'QUOTE_SINGLE') {
    reader.quoted(start + 1, end - 1, tokens.QUOTE_SINGLE)
    write = more => (unwritable.test(more) || more.includes('\n') ? undefined : more.replaceAll("'", "''"))
  } else {
    reader.quoted(start, end, tokens.PLAIN)
    write = more => more
  }
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
  if (node instanceof Spelled && node.spelling.template?.test(after)) return undefined
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

const unwritten = () => undefined
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

const fold = '(?<folded>[ \\t]*\\r?\\n(?:[ \\t]*\\r?\\n)*[ \\t]*)|[^]'
const escape = String.raw`\\(?:x(?<two>[\da-fA-F]{2})|u(?<four>[\da-fA-F]{4})|U(?<eight>[\da-fA-F]{8})`
const tokens = {
  PLAIN: new RegExp(fold, 'y'),
  QUOTE_SINGLE: new RegExp(`'(?<single>')|${fold}`, 'y'),
  QUOTE_DOUBLE: new RegExp(String.raw`${escape}|(?<escaped>\r?\n[ \t]*)|(?<single>[^]))|${fold}`, 'y'),
  SPELLED: new RegExp(String.raw`${escape}|(?<escaped>[ \t]*\r?\n\s*)|(?<single>[^]))|[^]`, 'y'),
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

  /** Plain and quoted text: escapes, and line breaks that fold (YAML 1.2.2, 7.3 and 6.5). */
  quoted(from: number, to: number, token: RegExp): void {
    for (let at = from; at < to; at = token.lastIndex) {
      token.lastIndex = at
      const { two, four, eight, single, folded, escaped } = token.exec(this.#text)?.groups ?? {}
      const end = token.lastIndex
      const code = two ?? four ?? eight
      if (folded !== undefined) {
        const breaks = folded.split('\n').length - 1
        this.add(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at, end)
      } else if (code !== undefined) this.add(String.fromCodePoint(Number.parseInt(code, 16)), at, end)
      else if (single !== undefined) this.add(escapes[single] ?? single, at, end)
      else if (escaped === undefined) this.add(this.#text[at] ?? '', at, end)
    }
  }

  /** Block text with all of its last line breaks; returns its indentation (YAML 1.2.2, 8.1). */
  block(from: number, to: number, value: string, isFolded: boolean): string {
    const text = this.#text
    const lines: { at: number; end: number; next: number }[] = []
    for (let at = text.indexOf('\n', from) + 1; at > 0 && at < to; at = lines.at(-1)?.next ?? to) {
      const newline = text.indexOf('\n', at)
      const isLast = newline < 0 || newline >= to
      const end = isLast ? to : newline > at && text[newline - 1] === '\r' ? newline - 1 : newline
      lines.push({ at, end, next: isLast ? to : newline + 1 })
    }
    const first = lines.find(({ at, end }) => /[^ ]/.test(text.slice(at, end)))
    const deep = / *(?=[^ \n])/.exec(value)?.[0].length ?? 0
    const indent = (first ? (/^ */.exec(text.slice(first.at, first.end))?.[0] ?? '') : '').slice(deep)
    let pending: typeof lines = []
    let wasDeeper = true
    for (const line of lines) {
      const begin = Math.min(line.at + indent.length, line.end)
      if (begin < line.end) {
        const isDeeper = /[ \t]/.test(text[begin] ?? '')
        const folds = isFolded && !wasDeeper && !isDeeper
        this.#break(
          folds && pending.length === 1 ? ' ' : '\n'.repeat(pending.length - (folds ? 1 : 0)),
          pending,
        )
        pending = []
        wasDeeper = isDeeper
        for (let at = begin; at < line.end; at++) this.add(text[at] ?? '', at, at + 1)
      }
      if (line.next > line.end) pending.push(line)
    }
    for (const { end, next } of pending) this.add('\n', end, next)
    return indent
  }

  /** A character for each of these ends of lines; the first takes those that are too many. */
  #break(characters: string, breaks: readonly { end: number; next: number }[]): void {
    const surplus = breaks.length - characters.length
    for (let index = 0; index < characters.length; index++) {
      const [first, last] = [breaks[index === 0 ? 0 : index + surplus], breaks[index + surplus]]
      if (first && last) this.add(characters[index] ?? '', first.end, last.next)
    }
  }
}
