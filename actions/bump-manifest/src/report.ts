// From what happened to outputs and summary.
import { codeBlock, details, escapeMarkdown, inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Landed, Merge, PullRequest, Verification } from '@gitops-relay/config-repo'
import type { Inputs } from './inputs.ts'
import type { Finding } from './main.ts'
import type { Standing } from './order.ts'
import type { PullOutcome } from './pull-request.ts'

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
  inputs: Pick<Inputs, 'ifNewer' | 'repository' | 'mustVerify' | 'pullRequest'>
  changeId: string
  /** Was a commit made? */
  pushed: boolean
  /** What GitHub says of the commit, where it was asked. */
  verification?: Verification | undefined
  /** The pull request that holds the commit, and its branch. */
  proposal?: (PullOutcome & { branch: string }) | undefined
  /** The pull request that was closed, for nothing is left of it. */
  closed?: PullRequest
}

type Result = 'updated' | 'unchanged' | 'superseded' | 'held' | 'planned' | 'pull-request'

export function report(ended: Ended): Outcome {
  const { base, commit, attempts, changeId, pushed, proposal } = ended
  const { bump } = ended.result
  const result = resultOf(ended)
  const isWritten = result === 'updated' || result === 'planned' || result === 'pull-request'
  const isTold = isWritten && bump.changes.length > 0
  const reason = reasonFor(result, ended)
  const outcome = {
    result,
    reason: reason.join(': '),
    outputs: {
      changed: pushed,
      commit: commit ?? (result === 'unchanged' ? base.commit : undefined),
      held: JSON.stringify(bump.held),
      'base-commit': base.commit,
      branch: proposal?.branch ?? base.branch,
      files: JSON.stringify(isTold ? [...bump.files.keys()] : []),
      changes: JSON.stringify(isTold ? bump.changes : []),
      diff: isTold ? cutDiff(bump.diff) : '',
      'change-id': changeId,
      'pull-request-number': proposal?.pull?.number,
      'pull-request-url': proposal?.pull?.url,
      attempts,
    },
    summary: summaryOf(result, ended),
  }
  const failure = failureOf(ended)
  return failure === undefined ? outcome : { ...outcome, result: 'failed', failure }
}

function failureOf({
  commit,
  inputs,
  verification,
  proposal,
  result: { newer },
}: Ended): UserError | undefined {
  if (newer !== undefined && inputs.ifNewer === 'fail') {
    const remedy = 'Run the newer build again, or set "if-newer" to overwrite.'
    return new UserError('superseded', newerSentence(newer), remedy)
  }
  if (inputs.mustVerify && verification !== undefined && !verification.verified) {
    const sentence = `Commit ${commit} landed, and GitHub does not call it verified (${verification.reason}).`
    const remedy =
      'Set "transport" to api, or register the key of "signing-key" with the account of the committer.'
    return new UserError('not-verified', sentence, remedy)
  }
  return proposal?.failure
}

function resultOf({ commit, proposal, closed, result: { bump, newer } }: Ended): Result {
  if (proposal !== undefined) return 'pull-request'
  if (closed !== undefined) return bump.held.length > 0 ? 'held' : 'unchanged'
  if (commit !== undefined) return 'updated'
  if (newer !== undefined) return 'superseded'
  if (bump.changes.length > 0) return 'planned'
  return bump.held.length > 0 ? 'held' : 'unchanged'
}

/** Code and sentence; nothing for the good outcome. */
function reasonFor(result: Result, { result: { bump, newer } }: Ended): string[] {
  switch (result) {
    case 'updated':
    case 'pull-request':
      return []
    case 'unchanged':
      return ['unchanged', 'All places hold the value already.']
    case 'planned':
      return ['planned', `${counted(bump.changes.length, 'change')} would be written.`]
    case 'held':
      return ['held', `A hold keeps ${counted(bump.held.length, 'place')} as it is.`]
    case 'superseded':
      return ['superseded', newer === undefined ? '' : newerSentence(newer)]
    default:
      return result satisfies never
  }
}

function newerSentence({ sourceCommit, commit }: Standing): string {
  return `What stands there was built from a newer commit, ${sourceCommit} (bump ${commit}).`
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
  'pull-request': 'pull request',
}

function summaryOf(result: Result, ended: Ended): string {
  const { base, commit, attempts, inputs, proposal } = ended
  const { bump } = ended.result
  const [, sentence = ''] = reasonFor(result, ended)
  const where = `${escapeMarkdown(inputs.repository.url)}, branch ${inlineCode(base.branch)}`
  const shown = ['updated', 'planned', 'pull-request'].includes(result) ? bump.changes.slice(0, 100) : []
  return [
    `### bump-manifest: ${headings[result]}`,
    commit === undefined
      ? `${escapeMarkdown(sentence)} ${where} at ${inlineCode(base.commit.slice(0, 12))}.`
      : `Commit ${inlineCode(commit)} ${proposal === undefined ? 'in' : 'for'} ${where}, ${attempts === 0 ? 'there already' : `after ${counted(attempts, 'push', 'pushes')}`}.`,
    ...proposalLines(ended),
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

const mergeWords: Record<Merge, string> = {
  merged: 'It is merged.',
  armed: 'GitHub merges it as soon as checks and reviews allow.',
  queued: 'It waits in the merge queue.',
  conflict: 'It conflicts with its base.',
  unknown: 'Whether it can be merged is not known yet.',
}

function proposalLines({ proposal, closed, verification }: Ended): string[] {
  const pull = proposal?.pull
  const lines = pull === undefined ? [] : [`Pull request [${pull.number}](${pull.url}).`]
  if (proposal?.merge !== undefined) lines.push(mergeWords[proposal.merge])
  if (closed !== undefined)
    lines.push(`Pull request [${closed.number}](${closed.url}) was closed: nothing is left of it.`)
  if (verification !== undefined) {
    const not = verification.verified ? '' : 'not '
    lines.push(`GitHub calls the commit ${not}verified (${escapeMarkdown(verification.reason)}).`)
  }
  return lines
}

function value(text: string): string {
  return text === '' ? '(none)' : inlineCode(text.slice(0, 200))
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
