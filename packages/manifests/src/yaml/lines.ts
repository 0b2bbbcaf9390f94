// What can be told of a template that is no YAML even when masked: the lines `key: value`, as keys of one map.
/* oxlint-disable typescript/no-unsafe-type-assertion -- what is put together here has every position that `yaml`'s own trees have */
import { Document, isMap, isScalar, type Pair, parseDocument, YAMLMap, type Scalar } from 'yaml'
import type { Comment } from '../manifest.ts'
import type { Read } from './block-style.ts'

const entry = /^ *(?:- +)*(?=["']?[\w.$/-]+["']?:\s+\S)/

/** A longer line is nobody's value. */
const longest = 10_000

/** Each line by itself: one document whose keys come as often as lines have them. */
export function readLines(text: string): Read {
  const map = new YAMLMap<Scalar, Scalar>()
  map.range = [0, text.length, text.length]
  const comments: Comment[] = []
  let [start, line] = [0, 1]
  for (const content of text.split('\n')) {
    const [, gap, comment] = content.length > longest ? [] : (/^(.*?(?:^|\s))(#.*?)\r?$/.exec(content) ?? [])
    if (gap !== undefined && comment !== undefined) {
      comments.push({ text: comment, offset: start + gap.length, line, alone: gap.trim() === '' })
    }
    const pair = pairOn(content.replace(/\r$/, ''), start)
    if (pair) map.items.push(pair)
    start += content.length + 1
    line++
  }
  const document = new Document()
  document.contents = map as never
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
