// The edits of a file as a unified diff that `git apply` takes.
import type { Edited } from './types.ts'

const context = 3

interface Block {
  /** Lines from 0 in the old text, end not included; then the same of the new text. */
  from: number
  to: number
  newFrom: number
  newTo: number
}

/** Empty when nothing was changed. */
export function unifiedDiff({ file, before, after, edits }: Edited): string {
  if (edits.length === 0) return ''
  const [old, now] = [lines(before), lines(after)]
  const hunks = grouped(blocks(old, now, before, after, edits))
  const name = /[\s"\\]|[^\x20-\x7e]/.test(file) ? JSON.stringify(file) : file
  const prefixed = (side: string) => (name === file ? `${side}/${file}` : `"${side}/${name.slice(1)}`)
  return [
    `diff --git ${prefixed('a')} ${prefixed('b')}\n--- ${prefixed('a')}\n+++ ${prefixed('b')}\n`,
    ...hunks.map(hunk => printed(hunk, old, now)),
  ].join('')
}

/** With their ends. */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** Lines that each edit touches, with equal ones at both ends taken off. */
function blocks(
  old: readonly string[],
  now: readonly string[],
  before: string,
  after: string,
  edits: Edited['edits'],
): Block[] {
  const lineIn = lineCounter(before)
  const newLineIn = lineCounter(after)
  let shift = 0
  return edits.flatMap(({ offset, length, text }) => {
    const start = offset + shift
    shift += text.length - length
    let [from, to] = [lineIn(offset), Math.min(lineIn(offset + length) + 1, old.length)]
    let [newFrom, newTo] = [newLineIn(start), Math.min(newLineIn(start + text.length) + 1, now.length)]
    while (from < to && newFrom < newTo && old[from] === now[newFrom])
      [from, newFrom] = [from + 1, newFrom + 1]
    while (from < to && newFrom < newTo && old[to - 1] === now[newTo - 1]) [to, newTo] = [to - 1, newTo - 1]
    return from === to && newFrom === newTo ? [] : [{ from, to, newFrom, newTo }]
  })
}

function lineCounter(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  return offset => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Blocks whose context meets are one hunk. */
function grouped(all: readonly Block[]): Block[][] {
  const hunks: Block[][] = []
  for (const block of all) {
    const last = hunks.at(-1)?.at(-1)
    if (last !== undefined && block.from < last.to)
      Object.assign(last, { to: Math.max(last.to, block.to), newTo: Math.max(last.newTo, block.newTo) })
    else if (last !== undefined && block.from - last.to <= 2 * context) hunks.at(-1)?.push({ ...block })
    else hunks.push([{ ...block }])
  }
  return hunks
}

function printed(hunk: readonly Block[], old: readonly string[], now: readonly string[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)]
  if (first === undefined || last === undefined) return ''
  const [from, to] = [Math.max(0, first.from - context), Math.min(old.length, last.to + context)]
  const newFrom = first.newFrom - (first.from - from)
  const count = to - from
  const newCount = hunk.reduce(
    (sum, block) => sum + block.newTo - block.newFrom - (block.to - block.from),
    count,
  )
  const body: string[] = []
  let at = from
  for (const block of hunk) {
    body.push(...old.slice(at, block.from).map(line => ` ${line}`))
    body.push(...old.slice(block.from, block.to).map(line => `-${line}`))
    body.push(...now.slice(block.newFrom, block.newTo).map(line => `+${line}`))
    at = block.to
  }
  body.push(...old.slice(at, to).map(line => ` ${line}`))
  const marked = body.map(line => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`))
  return `@@ -${range(from, count)} +${range(newFrom, newCount)} @@\n${marked.join('')}`
}

/** Lines from 1; where there is none, the line before. */
function range(line: number, size: number): string {
  return `${size === 0 ? line : line + 1}${size === 1 ? '' : `,${size}`}`
}
