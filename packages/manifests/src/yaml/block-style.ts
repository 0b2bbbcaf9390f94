// Reads the block style of large manifests line by line, many times as fast as a whole parser, and gives up at anything else.
/* oxlint-disable typescript/no-unsafe-type-assertion -- what is put together here has every position that `yaml`'s own trees have */
import {
  Document,
  isMap,
  isSeq,
  isScalar,
  Pair,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
  type ParsedNode,
} from 'yaml'
import type { Comment } from '../manifest.ts'
import { limits } from '../prescan.ts'

export interface Read {
  documents: Document.Parsed[]
  comments: Comment[]
  /** See `Manifest`. */
  isLoose?: boolean
}

/** Reads one entry, nested so deep, with a whole parser; `undefined` where it stumbles. */
export type ReadEntry = (text: string, depth: number) => Read | undefined

/** Thrown where a whole parser has to look at everything. */
const tooHard = Symbol('too hard')

/**
 * The documents and comments that a whole parser reads, or `undefined` where the text is not of this style. An entry of
 * another style, such as flow or block text, goes to `readEntry`. The range of a collection ends where it begins.
 */
export function readBlockStyle(text: string, readEntry: ReadEntry): Read | undefined {
  try {
    return new BlockReader(text, readEntry).read()
  } catch (error) {
    if (error === tooHard) return undefined
    throw error
  }
}

const spaces = / */y
/** Of one line: a plain key, a value that is plain or in quotes without escapes, and a comment. */
const simple =
  /(?:(?<key>[\w./$][\w./$@~-]*):(?= |\r?\n|$))?(?<space> *)(?<value>(?:[^\s"'#&*!|>%@`,[\]{}?:-]|-(?=\S))(?:[^\s:#]|:(?=\S)|(?<=[^ ])#| +(?=[^\s#]))*|"[^"\\\r\n]*"|'[^'\r\n]*'(?!'))?(?:(?<= )#.*| *(?:(?<= )#.*)?)/y

interface Open {
  column: number
  node: YAMLMap | YAMLSeq
  /** Behind a key or dash that has no value yet. */
  hole: number | undefined
}

class BlockReader {
  readonly #text: string
  readonly #readEntry: ReadEntry
  readonly #documents: Document.Parsed[] = []
  readonly #comments: Comment[] = []
  #open: Open[] = []
  #root: YAMLMap | YAMLSeq | undefined
  #line = 0
  #values = 0

  constructor(text: string, readEntry: ReadEntry) {
    this.#text = text
    this.#readEntry = readEntry
  }

  read(): Read {
    const text = this.#text
    // Behind the mark the whole parser counts columns otherwise.
    if (/^\ufeff(?!\w)/.test(text) || text.includes('\ufeff', 1)) throw tooHard
    let [start, isBegun] = [text.startsWith('\ufeff') ? 1 : 0, false]
    while (start < text.length) {
      this.#line++
      const [end, next] = this.#bounds(start)
      const at = skip(spaces, text, start)
      if (at >= end) start = next
      else if (text[at] === '#') {
        this.#comment(at, end, true)
        start = next
      } else if (at === start && text.startsWith('---', at)) {
        if (end !== at + 3) throw tooHard
        if (isBegun || this.#root) this.#finish()
        isBegun = true
        start = next
      } else start = this.#entry(start, at, end) ?? next
    }
    if (isBegun || this.#root) this.#finish()
    return { documents: this.#documents, comments: this.#comments }
  }

  /** The end of the line without its CR, and the start of the next. */
  #bounds(start: number): readonly [end: number, next: number] {
    const newline = this.#text.indexOf('\n', start)
    if (newline < 0) return [this.#text.length, this.#text.length]
    return [newline > start && this.#text[newline - 1] === '\r' ? newline - 1 : newline, newline + 1]
  }

  #comment(at: number, end: number, alone: boolean): void {
    this.#comments.push({ text: this.#text.slice(at, end), offset: at, line: this.#line, alone })
  }

  /** Reads the entry on this line; where it goes on, returns the start of the first line that is not its own. */
  #entry(start: number, first: number, end: number): number | undefined {
    const text = this.#text
    let [at, dash] = [first, -1]
    while (text[at] === '-' && (at + 1 === end || text[at + 1] === ' ')) {
      dash = at
      at = skip(spaces, text, at + 1)
      this.#seqAt(dash - start, dash).hole = at
    }
    simple.lastIndex = at
    const groups = simple.exec(text)?.groups
    if (groups === undefined || simple.lastIndex !== end) return this.#hardEntry(start, at, end, dash)
    const { key, space = '', value } = groups
    const offset = at + (key === undefined ? 0 : key.length + 1) + space.length
    if (key !== undefined) {
      const open = this.#mapAt(at - start, at)
      open.node.items.push(new Pair(scalarAt(key, at), null))
      open.hole = offset
    } else if (dash < 0) throw tooHard
    if (value !== undefined) this.#fill(scalarAt(value, offset))
    const hash = skip(spaces, text, offset + (value ?? '').length)
    if (hash < end) this.#comment(hash, end, false)
    return undefined
  }

  #hardEntry(start: number, at: number, firstEnd: number, dash: number): number {
    const text = this.#text
    if (/[?:\t]/.test(text[at] ?? '')) throw tooHard
    // Behind a dash, what is no plain key may go on at any column that is deeper than the dash.
    const column = (dash < 0 || /\w/.test(text[at] ?? '') ? at : dash) - start
    let next = this.#bounds(firstEnd)[1]
    const lines = this.#line
    for (let more = next; more < text.length;) {
      const [lineEnd, following] = this.#bounds(more)
      const content = skip(spaces, text, more)
      if (content < lineEnd && content - more <= column) break
      more = next = following
      this.#line++
    }
    const from = dash < 0 ? at : dash
    const read = this.#readEntry(' '.repeat(from - start) + text.slice(from, next), this.#open.length)
    const [document, another] = read?.documents ?? []
    if (read === undefined || document === undefined || another !== undefined) throw tooHard
    visit(document, (_, node) => {
      const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined
      if (range) for (let index = 0; index < 3; index++) range[index] = (range[index] ?? 0) + start
    })
    for (const comment of read.comments) {
      const [offset, line] = [comment.offset + start, comment.line + lines - 1]
      this.#comments.push({ ...comment, offset, line })
    }
    this.#take(document.contents, at - start, at, dash)
    return next
  }

  #take(contents: unknown, column: number, at: number, dash: number): void {
    const node = dash >= 0 && isSeq(contents) && contents.items.length === 1 ? contents.items[0] : contents
    if (isMap(node) && !node.flow && !node.anchor && !node.tag) {
      const open = this.#mapAt(column, at)
      open.node.items.push(...node.items)
      open.hole = undefined
    } else if (dash >= 0 && node !== contents) this.#fill(node)
    else throw tooHard
  }

  /** The list at this column, with a new item. */
  #seqAt(column: number, at: number): Open {
    while ((this.#open.at(-1)?.column ?? -1) > column) this.#close()
    const top = this.#open.at(-1)
    if (++this.#values > limits.values) throw tooHard
    const open =
      top?.column === column && isSeq(top.node) ? top : this.#begin(new YAMLSeq(), column, at, column)
    if (open.hole !== undefined) this.#fillNull(open)
    open.node.items.push(null as never)
    return open
  }

  #mapAt(column: number, at: number): Open & { node: YAMLMap } {
    while ((this.#open.at(-1)?.column ?? -1) > column) this.#close()
    if (++this.#values > limits.values) throw tooHard
    const [below, top] = this.#open.slice(-2)
    if (below?.column === column && top && isSeq(top.node)) this.#close()
    const last = this.#open.at(-1)
    const open = last?.column === column ? last : this.#begin(new YAMLMap(), column, at, column - 1)
    if (open.hole !== undefined) this.#fillNull(open)
    if (!isMap(open.node)) throw tooHard
    return open as Open & { node: YAMLMap }
  }

  /** A collection in the hole of the last one, whose column is at most `parent`. */
  #begin(node: YAMLMap | YAMLSeq, column: number, at: number, parent: number): Open {
    node.range = [at, at, at]
    const last = this.#open.at(-1)
    if (last === undefined) {
      if (this.#root) throw tooHard
      this.#root = node
    } else if (last.column > parent || (last.column === column && !isMap(last.node))) throw tooHard
    else this.#fill(node)
    const open = { column, node, hole: undefined }
    if (this.#open.push(open) > limits.depth) throw tooHard
    return open
  }

  #fill(value: unknown): void {
    const open = this.#open.at(-1)
    if (open?.hole === undefined) throw tooHard
    const { node } = open
    if (isMap(node)) (node.items.at(-1) as Pair).value = value
    else node.items[node.items.length - 1] = value
    open.hole = undefined
  }

  #fillNull({ hole = 0 }: Open): void {
    this.#fill(placed(new Scalar(null), '', [hole, hole]))
  }

  #close(): void {
    const last = this.#open.at(-1)
    if (last?.hole !== undefined) this.#fillNull(last)
    this.#open.pop()
  }

  #finish(): void {
    if (this.#root === undefined) throw tooHard
    while (this.#open.length > 0) this.#close()
    // As costly as some values.
    if ((this.#values += 8) > limits.values) throw tooHard
    const document = new Document()
    document.contents = this.#root as ParsedNode
    this.#documents.push(document as Document.Parsed)
    this.#root = undefined
  }
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  pattern.test(text)
  return pattern.lastIndex
}

function scalarAt(raw: string, offset: number): Scalar {
  const span = [offset, offset + raw.length] as const
  const quote = raw[0]
  if (quote !== '"' && quote !== "'") return placed(new Scalar(plainValue(raw)), raw, span)
  const text = raw.slice(1, -1)
  return placed(new Scalar(text), text, span, quote === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE')
}

function placed(
  node: Scalar,
  source: string,
  [start, end]: readonly [number, number],
  type: Scalar.Type = 'PLAIN',
): Scalar {
  return Object.assign(node, { source, type, range: [start, end, end] })
}

const { schema } = new Document()
const typed = schema.tags.filter(tag => tag.default === true && 'test' in tag)

/** What YAML 1.2's core schema reads. */
function plainValue(text: string): unknown {
  if (/^(?![tfn])[A-Za-z/]/i.test(text)) return text
  const tag = typed.find(({ test }) => test?.test(text))
  const resolve = tag?.resolve as ((text: string, ...rest: unknown[]) => unknown) | undefined
  const value = resolve ? resolve(text, () => {}, {}) : text
  return isScalar(value) ? value.value : value
}
