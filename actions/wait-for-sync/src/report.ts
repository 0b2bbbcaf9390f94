// From the verdict to outputs and summary.
import { escapeMarkdown, inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { timeline, type Goal, type Milestone, type Reason, type Verdict } from '@gitops-relay/sync'
import type { Inputs } from './inputs.ts'

export const outputs = [
  'result',
  'reason',
  'revision',
  'targets',
  'verified-pods',
  'timeline',
  'duration',
  'record-path',
] as const

export interface Finding {
  verdict: Verdict
  goal: Goal
  inputs: Pick<Inputs, 'onSuperseded'>
  pushedAt: number | undefined
  endedAt: number
  recordPath: string
}

export function report(finding: Finding): Outcome {
  const { verdict, goal, inputs, pushedAt, endedAt, recordPath } = finding
  const { result, revision, targets } = verdict
  const milestones = timeline(verdict, pushedAt)
  const reason = whyNot(finding)
  return {
    result,
    ...(result === 'live' ? {} : { reason: `${reason.code}: ${sentenceOf(reason)}` }),
    outputs: {
      revision,
      targets: JSON.stringify(
        targets.map(({ target, result: its, revision: at, health, reason: { code, sentence } }) => ({
          target,
          result: its,
          revision: at,
          health,
          reason: its === 'live' ? '' : `${code}: ${oneLine(sentence)}`,
        })),
      ),
      'verified-pods': verifiedPods(finding),
      timeline: JSON.stringify(
        milestones.map(({ at, event }) => ({ at: new Date(at).toISOString(), event })),
      ),
      duration: seconds(endedAt - goal.startedAt),
      'record-path': recordPath,
    },
    summary: summarise(finding, milestones, reason),
    ...(isGood(verdict, inputs)
      ? {}
      : { failure: new UserError(reason.code, closed(reason.sentence), reason.next ?? '') }),
  }
}

/** Is the step green? */
export const isGood = ({ result }: Verdict, { onSuperseded }: Pick<Inputs, 'onSuperseded'>): boolean =>
  result === 'live' || (result === 'superseded' && onSuperseded === 'success')

/** `unverified` where nobody asked, or somebody's pods could not be read. */
export function verifiedPods({ verdict: { targets }, goal }: Pick<Finding, 'verdict' | 'goal'>): string {
  const counts = targets.flatMap(({ pods }) => pods ?? [])
  if (!goal.proof || counts.length < targets.length) return 'unverified'
  const sum = (key: 'proven' | 'of') => counts.reduce((all, count) => all + count[key], 0)
  return `${sum('proven')}/${sum('of')}`
}

function whyNot({ verdict: { result, reason }, goal }: Finding): Reason {
  if (result !== 'timeout') return reason
  const waited = `Not live after ${seconds(goal.deadline - goal.startedAt)} s. `
  return {
    code: 'timeout',
    sentence: `${waited}${reason.sentence}`,
    next: reason.next ?? 'Raise "timeout" if it only needs longer.',
  }
}

const TITLES: Record<string, string> = {
  live: 'live',
  superseded: 'superseded by a newer commit',
  reverted: 'reverted',
  failed: 'failed',
  blocked: 'blocked',
  timeout: 'not live in time',
}

function summarise(finding: Finding, milestones: readonly Milestone[], reason: Reason): string {
  const { verdict, goal } = finding
  const { result, targets } = verdict
  const rows = targets.map(target => [
    escapeMarkdown(target.target),
    target.result,
    target.revision === '' ? '' : inlineCode(target.revision.slice(0, 12)),
    target.health,
    target.result === 'live' ? '' : escapeMarkdown(oneLine(target.reason.sentence)),
  ])
  const start = milestones[0]?.at ?? goal.startedAt
  const steps = milestones.map(({ event, at }) =>
    `${event} ${at === start ? '' : `+${seconds(at - start)} s`}`.trim(),
  )
  return [
    `### wait-for-sync: ${TITLES[result] ?? result}`,
    `Commit ${inlineCode(goal.commit)} of ${inlineCode(goal.repository)}`,
    ...(result === 'live' ? [] : [escapeMarkdown(sentenceOf(reason))]),
    table(['application', 'result', 'revision', 'health', 'why'], rows),
    ...(steps.length > 0 ? [steps.join(' → ')] : []),
    ...(goal.proof ? [`Pods that run the digest: ${verifiedPods(finding)}.`] : []),
  ].join('\n\n')
}

const sentenceOf = ({ sentence, next }: Reason): string => `${closed(sentence)} ${next ?? ''}`.trim()
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 1000)
/** What a server says often ends without a full stop. */
const closed = (text: string): string => oneLine(text).replace(/[^.!?]$/, '$&.')
const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10
