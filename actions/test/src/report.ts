// From what happened to outputs and the failure of the step.
import type { Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { counts, type Judgement, type Test } from '@gitops-relay/test-reports'
import type { Group } from './findings.ts'
import type { Plan } from './plan.ts'
import type { Ending } from './runner.ts'
import { summarise, summarisePlan } from './summary.ts'

export const outputs = [
  'result',
  'reason',
  'tests-total',
  'tests-passed',
  'tests-failed',
  'tests-skipped',
  'tests-flaky',
  'report-path',
  'coverage-line',
  'exit-code',
] as const

export interface Run {
  judgement: Judgement
  tests: readonly Test[]
  groups: readonly Group[]
  /** Undefined: nothing ran. */
  ending: Ending | undefined
  /** Reports that were left out for their age. */
  stale: number
  /** Milliseconds. */
  duration: number
  reportPath: string
}

export function report(run: Run): Outcome {
  const { judgement, tests, ending, reportPath } = run
  const { result, isGreen, why } = judgement
  const { total, passed, failed, skipped, flaky } = counts(tests)
  return {
    result,
    ...(why === undefined ? {} : { reason: `${why.code}: ${why.sentence}` }),
    outputs: {
      'tests-total': total,
      'tests-passed': passed,
      'tests-failed': failed,
      'tests-skipped': skipped,
      'tests-flaky': flaky,
      'report-path': reportPath,
      'exit-code': ending?.status,
    },
    summary: summarise(run),
    ...(isGreen || why === undefined ? {} : { failure: new UserError(why.code, why.sentence, why.remedy) }),
  }
}

export function planned(plan: Plan): Outcome {
  const reason = 'planned: "dry-run" is set, so nothing was run.'
  return { result: 'planned', reason, outputs: {}, summary: summarisePlan(plan) }
}
