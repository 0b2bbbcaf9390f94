// What a newer commit made of the lines that our commit had set.
import type { ValueFate } from '@gitops-relay/sync'

/** One file at three commits; undefined where it does not exist. */
export interface FileHistory {
  before: string | undefined
  ours: string | undefined
  live: string | undefined
}

/** Of all files the worst: one value put back is a revert. */
export function fateOfAll(files: readonly FileHistory[]): Exclude<ValueFate, 'unreadable'> {
  const fates = files.map(fateOf)
  return fates.find(fate => fate === 'reverted') ?? fates.find(fate => fate === 'changed') ?? 'kept'
}

/**
 * `kept` when every line that ours added is still there, `reverted` when one is not and a line that ours removed is back,
 * else `changed`. Lines are counted, because the same one may stand in a file many times; indentation does not count.
 */
export function fateOf({ before, ours, live }: FileHistory): Exclude<ValueFate, 'unreadable'> {
  if (live === ours) return 'kept'
  if (live === before) return 'reverted'
  if (live === undefined || ours === undefined) return 'changed'
  const [was, set, now] = [count(before ?? ''), count(ours), count(live)]
  const added = [...set].filter(([line, times]) => times > (was.get(line) ?? 0))
  if (added.every(([line, times]) => (now.get(line) ?? 0) >= times)) return 'kept'
  const removed = [...was].filter(([line, times]) => times > (set.get(line) ?? 0))
  return removed.some(([line, times]) => (now.get(line) ?? 0) >= times) ? 'reverted' : 'changed'
}

function count(text: string): Map<string, number> {
  const lines = new Map<string, number>()
  for (const line of text.split('\n').map(whole => whole.trim())) {
    if (line !== '') lines.set(line, (lines.get(line) ?? 0) + 1)
  }
  return lines
}
