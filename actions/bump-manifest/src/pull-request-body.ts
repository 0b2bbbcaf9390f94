// The text of the pull request: what changes, where it comes from, the diff.
import { codeBlock, details, escapeMarkdown, inlineCode, table } from '@gitops-relay/action-kit'
import type { Bump } from './plan.ts'
import type { Source } from './source.ts'

export interface BodyFacts {
  /** The user's own words, as they are. */
  introduction: string
  bump: Pick<Bump, 'changes' | 'diff'>
  source: Source
  /** The source commit of what stands there now, where it is known. */
  oldSource: string | undefined
  /** Hidden, last. */
  mark: string
}

/** GitHub takes 65,536 characters of text; each part has its share. */
const limits = { introduction: 10_000, table: 20_000, diff: 30_000 }

export function pullRequestBody({ introduction, bump, source, oldSource, mark }: BodyFacts): string {
  const { changes, diff } = bump
  const rows = rowsWithin(limits.table, changes)
  return [
    introduction.slice(0, limits.introduction),
    table(['place', 'path', 'old', 'new'], rows),
    changes.length > rows.length ? `and ${changes.length - rows.length} more` : '',
    sourceLine(source, oldSource),
    details('Diff', codeBlock(shortened(diff), 'diff')),
    mark,
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function rowsWithin(room: number, changes: Bump['changes']): string[][] {
  const rows: string[][] = []
  let left = room
  for (const { file, line, path, old, new: now } of changes) {
    const row = [
      inlineCode(`${file.slice(0, 200)}:${line}`),
      inlineCode(path.slice(0, 200)),
      value(old),
      value(now),
    ]
    left -= row.join(' | ').length + 5
    if (left < 0) return rows
    rows.push(row)
  }
  return rows
}

const value = (text: string) => (text === '' ? '(none)' : inlineCode(text.slice(0, 200)))

function sourceLine({ repository, commit, url }: Source, old: string | undefined): string {
  if (commit === '') return ''
  const from = `Built from [${escapeMarkdown(repository)}@${commit.slice(0, 12)}](${url}/commit/${commit})`
  const compare =
    old === undefined || old === commit
      ? ''
      : `, [compared with what stands there](${url}/compare/${old}...${commit})`
  return `${from}${compare}.`
}

function shortened(diff: string): string {
  if (diff.length <= limits.diff) return diff
  return `${diff.slice(0, diff.lastIndexOf('\n', limits.diff) + 1)}# cut: the rest is in the files of this pull request\n`
}
