// From what happened to outputs and summary.
import { codeBlock, details, escapeMarkdown, inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Landed } from '@gitops-relay/config-repo'
import type { Inputs } from './inputs.ts'
import type { Finding } from './main.ts'

export const outputs = [
  'result',
  'reason',
  'changed',
  'commit',
  'held',
  'base-commit',
  'branch',
  'files',
  'changes',
  'diff',
  'change-id',
  'pull-request-number',
  'pull-request-url',
  'attempts',
] as const

export interface Ended extends Landed<Finding> {
  inputs: Pick<Inputs, 'ifNewer' | 'repository'>
  changeId: string
}

type Result = 'updated' | 'unchanged' | 'superseded' | 'held' | 'planned'

export function report(ended: Ended): Outcome {
  const { base, commit, attempts, changeId, inputs } = ended
  const { bump, newer } = ended.result
  const result = resultOf(ended)
  const isWritten = result === 'updated' || result === 'planned'
  const isTold = isWritten && bump.changes.length > 0
  const reason = reasonFor(result, ended)
  const outcome = {
    result,
    reason: reason.join(': '),
    outputs: {
      changed: result === 'updated',
      commit: commit ?? (result === 'unchanged' ? base.commit : undefined),
      held: JSON.stringify(bump.held),
      'base-commit': base.commit,
      branch: base.branch,
      files: JSON.stringify(isTold ? [...bump.files.keys()] : []),
      changes: JSON.stringify(isTold ? bump.changes : []),
      diff: isTold ? cutDiff(bump.diff) : '',
      'change-id': changeId,
      attempts,
    },
    summary: summaryOf(result, ended),
  }
  if (newer === undefined || inputs.ifNewer !== 'fail') return outcome
  const remedy = 'Run the newer build again, or set "if-newer" to overwrite.'
  return { ...outcome, result: 'failed', failure: new UserError('superseded', reason[1] ?? '', remedy) }
}

function resultOf({ commit, result: { bump, newer } }: Ended): Result {
  if (commit !== undefined) return 'updated'
  if (newer !== undefined) return 'superseded'
  if (bump.changes.length > 0) return 'planned'
  return bump.held.length > 0 ? 'held' : 'unchanged'
}

/** Code and sentence; nothing for the good outcome. */
function reasonFor(result: Result, { result: { bump, newer } }: Ended): string[] {
  switch (result) {
    case 'updated':
      return []
    case 'unchanged':
      return ['unchanged', 'All places hold the value already.']
    case 'planned':
      return ['planned', `${counted(bump.changes.length, 'change')} would be written.`]
    case 'held':
      return ['held', `A hold keeps ${counted(bump.held.length, 'place')} as it is.`]
    case 'superseded':
      return [
        'superseded',
        `What stands there was built from a newer commit, ${newer?.sourceCommit} (bump ${newer?.commit}).`,
      ]
    default:
      return result satisfies never
  }
}

const limit = 64 * 1024

/** Whole lines, at most 64 KiB. */
export function cutDiff(diff: string): string {
  if (Buffer.byteLength(diff) <= limit) return diff
  const note = '# cut: the rest of the diff is longer than 64 KiB\n'
  const room = Buffer.from(diff).subarray(0, limit - note.length)
  return `${room.subarray(0, room.lastIndexOf(0x0a) + 1).toString()}${note}`
}

const headings: Record<Result, string> = {
  updated: 'landed',
  unchanged: 'nothing to do',
  superseded: 'a newer build stands there',
  held: 'held',
  planned: 'planned, nothing written',
}

function summaryOf(result: Result, ended: Ended): string {
  const { base, commit, attempts, inputs } = ended
  const { bump } = ended.result
  const [, sentence = ''] = reasonFor(result, ended)
  const where = `${escapeMarkdown(inputs.repository.url)}, branch ${inlineCode(base.branch)}`
  const shown = result === 'updated' || result === 'planned' ? bump.changes.slice(0, 100) : []
  return [
    `### bump-manifest: ${headings[result]}`,
    commit === undefined
      ? `${escapeMarkdown(sentence)} ${where} at ${inlineCode(base.commit.slice(0, 12))}.`
      : `Commit ${inlineCode(commit)} in ${where}, after ${counted(attempts, 'push', 'pushes')}.`,
    table(
      ['place', 'path', 'old', 'new'],
      shown.map(change => [
        inlineCode(`${change.file}:${change.line}`),
        inlineCode(change.path),
        value(change.old),
        value(change.new),
      ]),
    ),
    bump.changes.length > shown.length && shown.length > 0
      ? `and ${bump.changes.length - shown.length} more`
      : '',
    table(
      ['held', 'path', 'keeps', 'until', 'reason'],
      bump.held.map(({ file, line, path, value: text, until, reason }) => [
        inlineCode(`${file}:${line}`),
        inlineCode(path),
        value(text),
        escapeMarkdown(until ?? ''),
        escapeMarkdown(reason ?? ''),
      ]),
    ),
    shown.length > 0 ? details('Diff', codeBlock(cutDiff(bump.diff), 'diff')) : '',
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function value(text: string): string {
  return text === '' ? '(none)' : inlineCode(text.slice(0, 200))
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
