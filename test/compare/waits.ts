// The table of docs/waits-compared.md: what each way to wait says to the recordings of real controllers.
import { evaluate } from '@gitops-relay/sync'
import { readRecordings, type Recording } from '../../packages/sync/src/recordings.ts'
import { otherWaits, PUSHED, type OtherWait } from './other-waits.ts'

export interface Row {
  provider: string
  scenario: string
  why: string
  /** What is right. */
  verdict: string
  ours: { result: string; seconds: number }
  others: { wait: OtherWait; says: string; isRight: boolean }[]
}

const GOOD = new Set(['live', 'superseded'])
/** Recorded only with a sync that may fail at once. */
const FAIL_AT_ONCE = /^(?:04|08|17)-/

export const rows = (): Row[] =>
  (['argocd', 'flux'] as const).flatMap(provider => readRecordings(provider).map(row))

function row(recording: Recording): Row {
  const { goal, scenario, verdict, why, observations } = recording
  const wishes = FAIL_AT_ONCE.test(scenario) && verdict === 'failed' ? ({ onRetry: 'fail' } as const) : {}
  const { result, at } = decide({ ...recording, goal: { ...goal, ...wishes } })
  return {
    provider: goal.provider,
    scenario,
    why,
    verdict,
    ours: { result, seconds: (at - PUSHED) / 1000 },
    others: otherWaits
      .filter(wait => wait.provider === goal.provider)
      .map(wait => ({ wait, ...judge(wait, recording, observations) })),
  }
}

/** The first verdict, and when it was there. */
function decide({ goal, observations }: Recording): { result: string; at: number } {
  let now = Math.max(goal.startedAt, PUSHED)
  for (;;) {
    const { result, deadline } = evaluate(observations, goal, now)
    if (result !== 'waiting') return { result, at: now }
    const next = observations.map(({ at }) => at).filter(at => at > now)
    now = Math.min(deadline, ...next)
  }
}

function judge(wait: OtherWait, { goal, verdict }: Recording, observations: Recording['observations']) {
  const [target = ''] = goal.targets
  const green = wait.says(observations, target)
  if (green === undefined) return { says: 'timeout', isRight: !GOOD.has(verdict) }
  const relation =
    green.revision === goal.commit
      ? 'ours'
      : observations.find(one => one.kind === 'revision' && one.revision === green.revision)
  const isOurs = relation === 'ours' || (relation?.kind === 'revision' && relation.relation === 'newer')
  const stale = isOurs ? '' : ', at the commit before'
  const seconds = ((green.at - PUSHED) / 1000).toFixed(1)
  return { says: `green after ${seconds} s${stale}`, isRight: GOOD.has(verdict) && isOurs }
}

/** Markdown. */
export function table(provider: 'argocd' | 'flux'): string {
  const found = rows().filter(one => one.provider === provider)
  const waits = otherWaits.filter(wait => wait.provider === provider)
  const head = [
    'what happens',
    'right',
    'wait-for-sync',
    ...waits.map(({ name, source }) => `[${name}](${source})`),
  ]
  const body = found.map(({ scenario, verdict, ours, others }) => [
    scenario,
    verdict,
    `${ours.result} after ${ours.seconds.toFixed(1)} s`,
    ...others.map(({ says, isRight }) => (isRight ? says : `**wrong**: ${says}`)),
  ])
  const wrong = waits.map(
    wait => found.filter(({ others }) => others.some(one => one.wait === wait && !one.isRight)).length,
  )
  const foot = ['wrong', '', '0', ...wrong.map(count => `${count} of ${found.length}`)]
  return [head, head.map(() => '---'), ...body, foot].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}
