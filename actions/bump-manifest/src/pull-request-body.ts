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

/** GitHub takes 65,536 characters; the diff has its room in half of them. */
const diffLimit = 30_000
const listed = 50

export function pullRequestBody({ introduction, bump, source, oldSource, mark }: BodyFacts): string {
  const { changes, diff } = bump
  const rows = changes
    .slice(0, listed)
    .map(({ file, line, path, old, new: now }) => [
      inlineCode(`${file.slice(0, 200)}:${line}`),
      inlineCode(path.slice(0, 200)),
      value(old),
      value(now),
    ])
  return [
    introduction.slice(0, 10_000),
    table(['place', 'path', 'old', 'new'], rows),
    changes.length > listed ? `and ${changes.length - listed} more` : '',
    sourceLine(source, oldSource),
    details('Diff', codeBlock(shortened(diff), 'diff')),
    mark,
  ]
    .filter(part => part !== '')
    .join('\n\n')
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
  if (diff.length <= diffLimit) return diff
  return `${diff.slice(0, diff.lastIndexOf('\n', diffLimit) + 1)}# cut: the rest is in the files of this pull request\n`
}
