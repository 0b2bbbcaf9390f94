// What can be told of a template that is no YAML even when masked: the lines `key: value`, as keys of one map.
/* oxlint-disable typescript/no-unsafe-type-assertion -- what is put together here has every position that `yaml`'s own trees have */
import { Document, isMap, isScalar, type Pair, parseDocument, YAMLMap, type Scalar } from 'yaml'
import { Blocks, placed } from '../formats/nodes.ts'
import { offsetOf, type Comment } from '../manifest.ts'
import type { Read } from './block-style.ts'

const entry = /^ *(?:- +)*(?=["']?[\w.$/-]+["']?:\s+\S)/

/** A longer line is nobody's value. */
const longest = 10_000

/** Lines that follow one another at one column are keys of one map; the maps have no steps of their own. */
class Lines extends Blocks {
  override entries(): { steps: number[]; node: YAMLMap }[] {
    return this.items.map(node => ({ steps: [], node }))
  }
}

/** One document; what stands between the lines, besides comments and blanks, parts their maps. */
export function readLines(text: string): Read {
  const lines = new Lines()
  lines.range = [0, text.length, text.length]
  const comments: Comment[] = []
  let [start, line, column] = [0, 1, -1]
  for (const content of text.split('\n')) {
    const [, gap, comment] = content.length > longest ? [] : (/^(.*?(?:^|\s))(#.*?)\r?$/.exec(content) ?? [])
    if (gap !== undefined && comment !== undefined) {
      comments.push({ text: comment, offset: start + gap.length, line, alone: gap.trim() === '' })
    }
    const pair = pairOn(content.replace(/\r$/, ''), start)
    const isItem = /^ *-/.test(content)
    if (pair) {
      const own = offsetOf(pair.key) - start
      if (own !== column || isItem) lines.items.push(placed(new YAMLMap(), [start, start]))
      lines.items.at(-1)?.items.push(pair)
      column = own
    } else if (!/^\s*(?:#|$)/.test(content)) column = -1
    start += content.length + 1
    line++
  }
  const document = new Document()
  document.contents = lines as never
  return { documents: [document as Document.Parsed], comments, isLoose: true }
}

function pairOn(line: string, start: number): Pair<Scalar, Scalar> | undefined {
  const [lead] = line.length > longest ? [] : (entry.exec(line) ?? [])
  if (lead === undefined) return undefined
  const { contents, errors } = parseDocument(' '.repeat(lead.length) + line.slice(lead.length), {
    logLevel: 'silent',
  })
  const pair = isMap(contents) && contents.items.length === 1 ? contents.items[0] : undefined
  if (errors.length > 0 || !isScalar(pair?.key) || !isScalar(pair.value)) return undefined
  for (const { range } of [pair.key, pair.value])
    if (range) for (let index = 0; index < 3; index++) range[index] = (range[index] ?? 0) + start
  return pair as Pair<Scalar, Scalar>
}
