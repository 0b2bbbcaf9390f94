// What GitHub is told in the end, from the verdict: one state for the Deployment, one for each target.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { TargetVerdict, Verdict } from '@gitops-relay/sync'

export interface Ending {
  state: 'success' | 'failure' | 'error' | 'inactive'
  description: string
  /** By target; one that is not here is told the same as the whole. */
  targets: Readonly<Record<string, { state: 'success' | 'failure' | 'error'; description: string }>>
}

/** The wait was told to stop: the rollout goes on, and nobody looks. */
export const CANCELLED: Ending = {
  state: 'inactive',
  description: 'The wait was cancelled; whether it is live is not known.',
  targets: {},
}

/** @param isGood is the step green? */
export function endingOf({ result, reason, targets }: Verdict, commit: string, isGood: boolean): Ending {
  const sentence = `${reason.code}: ${reason.sentence}`
  return {
    state: isGood ? 'success' : 'failure',
    description: result === 'live' ? live(commit) : result === 'timeout' ? late(sentence) : sentence,
    targets: Object.fromEntries(targets.map(target => [target.target, targetEnding(target, commit, isGood)])),
  }
}

function targetEnding(
  { result, reason: { code, sentence } }: TargetVerdict,
  commit: string,
  isGood: boolean,
): Ending['targets'][string] {
  const said = `${code}: ${sentence}`
  if (result === 'live') return { state: 'success', description: live(commit) }
  if (result === 'superseded') return { state: isGood ? 'success' : 'failure', description: said }
  if (result === 'waiting')
    return { state: 'error', description: `Not decided, for another target ended the wait. ${said}` }
  return { state: 'failure', description: result === 'timeout' ? late(said) : said }
}

/** The wait itself broke off: nothing is known of the commit. */
export function brokenOff(error: unknown): Ending {
  const sentence = error instanceof UserError ? `${error.code}: ${error.sentence}` : 'The wait broke off.'
  return { state: 'error', description: sentence, targets: {} }
}

/** The sentences are the controller's, and go where everybody reads them. */
export function redacted({ state, description, targets }: Ending, redact: (text: string) => string): Ending {
  const clean = Object.entries(targets).map(([target, told]) => [
    target,
    { ...told, description: redact(told.description) },
  ])
  return { state, description: redact(description), targets: Object.fromEntries(clean) }
}

const live = (commit: string) => `${commit.slice(0, 12) || 'It'} is live and healthy.`
const late = (sentence: string) => `Not live in time. ${sentence}`
