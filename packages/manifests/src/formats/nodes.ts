// The tree of a text that is not YAML, in the nodes of `yaml`, so that everything that locates and compares sees one tree.
import { Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Value } from '../types.ts'

/** How a format writes what a scalar shall hold. */
export interface Spelling {
  /** As sentences name the format. */
  name: string
  /** What the format reads as a number, boolean, null or date. */
  literal: RegExp
  /** What makes a string a template, in the formats that have them. */
  template?: RegExp
  /** Throws `Unspeakable` for a text that the format cannot hold. */
  quote: (text: string, old: string) => string
}

/** Says in a clause why a text cannot be written. */
export class Unspeakable extends Error {
  override readonly name = 'Unspeakable'
}

export type Wanted = Exclude<Value, { kind: 'as-found' }>

/** A string or a literal that knows how its format spells another value in its place. */
export class Spelled extends Scalar {
  readonly spelling: Spelling
  /** As it stands in the text, quotes included. */
  readonly raw: string

  constructor(spelling: Spelling, raw: string, value: string | number | boolean | null) {
    super(value)
    this.spelling = spelling
    this.raw = raw
  }

  resolve({ kind, text }: Value): Wanted {
    if (kind === 'string') return { kind, text }
    const literal = [text, text.toLowerCase(), text.replace(/^~?$/, 'null')].find(spelled =>
      this.spelling.literal.test(spelled),
    )
    const isLiteral = kind === 'literal' || (typeof this.value !== 'string' && literal !== undefined)
    return isLiteral ? { kind: 'literal', text: literal ?? text } : { kind: 'string', text }
  }

  /** @throws Unspeakable */
  spell({ kind, text }: Wanted): string {
    const { name, literal, quote } = this.spelling
    if (kind === 'string') return quote(text, this.raw)
    if (!literal.test(text)) throw new Unspeakable(`${name} has no such literal`)
    return text
  }
}

const computed = Symbol('computed')

/** What the file's own tool computes: a reference, a function call, a template. It is compared, never written. */
export class Expression extends Scalar<symbol> {
  /** `an expression`, `a heredoc`. */
  readonly what: string

  constructor(what: string, source: string) {
    super(computed)
    this.what = what
    this.source = source
  }
}

/** HCL's blocks of one type with the same labels: a list whose items answer to their keys without an index, too. */
export class Blocks extends YAMLSeq<YAMLMap> {
  /** With the steps that lead to each: none where it is the only one. */
  entries(): { steps: number[]; node: YAMLMap }[] {
    return this.items.map((node, index) => ({ steps: this.items.length > 1 ? [index] : [], node }))
  }
}

export type Span = readonly [start: number, end: number]

export function placed<Node extends Scalar | YAMLMap | YAMLSeq>(node: Node, [start, end]: Span): Node {
  node.range = [start, end, end]
  return node
}

export function stringNode(
  spelling: Spelling,
  text: string,
  span: Span,
  decoded: string,
  style: Scalar.Type = 'QUOTE_DOUBLE',
): Spelled {
  const node = placed(new Spelled(spelling, text.slice(...span), decoded), span)
  node.source = decoded
  node.type = style
  return node
}

export function literalNode(spelling: Spelling, text: string, span: Span): Spelled {
  const raw = text.slice(...span)
  const value = raw === 'null' ? null : raw === 'true' || (raw !== 'false' && Number(raw))
  const node = placed(new Spelled(spelling, raw, value), span)
  node.source = raw
  node.type = 'PLAIN'
  return node
}

export function mapNode(pairs: Pair[], span: Span): YAMLMap {
  const map = new YAMLMap()
  map.items = pairs
  map.flow = true
  return placed(map, span)
}

export function listNode(items: unknown[], span: Span): YAMLSeq {
  const list = new YAMLSeq()
  list.items = items
  list.flow = true
  return placed(list, span)
}

/** A key that was written as it is read, or in quotes. */
export function keyNode(key: string, span: Span): Scalar<string> {
  const node = placed(new Scalar(key), span)
  node.source = key
  return node
}
