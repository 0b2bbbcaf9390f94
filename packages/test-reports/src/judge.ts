// The truth table: when a run of tests is green.
import type { Counts } from './counts.ts'
import type { Problem } from './types.ts'

export interface Evidence {
  counts: Counts
  /** How the command ended, `status` being 128+n for a signal; undefined when none ran. */
  command: { status: number; signal: string | undefined; outOfMemory: boolean } | undefined
  /** Reports that were read, whatever they held. */
  reports: number
  problems: readonly (Problem & { report: string })[]
  minTests: number
  failOnFlaky: boolean
}

export interface Judgement {
  result: 'passed' | 'failed' | 'no-tests'
  isGreen: boolean
  /** Absent for `passed`. */
  why?: { code: string; sentence: string; remedy: string }
}

/**
 * Green only if the command ended with 0, no report holds a failure that no retry cured, every report was read to its
 * end, and at least `minTests` tests ran; skipped ones did not. What is most useful to know comes first.
 */
export function judge(evidence: Evidence): Judgement {
  const { counts, command, reports, problems, minTests, failOnFlaky } = evidence
  const executed = counts.passed + counts.failed
  const exited = command === undefined || command.status === 0 ? '' : endingOf(command)

  if (counts.failed > 0) {
    return red('tests-failed', `${counts.failed} of ${many(counts.total)} failed.`, 'The summary lists them.')
  }
  const [problem] = problems
  if (problem !== undefined) {
    const others = problems.length === 1 ? '' : ` So it is with ${problems.length - 1} more.`
    const sentence = `${exited === '' ? '' : `${exited}. `}The report ${problem.report} is no proof. ${problem.sentence}${others}`
    return red(problem.code, sentence, REMEDIES[problem.code])
  }
  if (exited !== '') {
    const though =
      reports === 0 ? 'and left no report' : `though no test failed (${many(counts.total)} reported)`
    const code = command?.outOfMemory === true ? 'out-of-memory' : 'command-failed'
    return red(code, `${exited}, ${though}.`, 'Its last lines are in the log.')
  }
  if (executed === 0 && minTests === 0) {
    return {
      result: 'no-tests',
      isGreen: true,
      why: { code: 'no-tests', sentence: 'No test ran.', remedy: '' },
    }
  }
  if (reports === 0) {
    const sentence =
      command === undefined
        ? 'No report matches "report-paths".'
        : 'The command left no report that can be read.'
    return red(
      'no-report',
      sentence,
      'Name its reports in "report-paths", or set "min-tests" to 0 if none are expected.',
    )
  }
  if (executed === 0) {
    const skipped = counts.skipped === 0 ? '' : ` ${many(counts.skipped)} were skipped.`
    const remedy = 'Check which tests the command finds, or set "min-tests" to 0.'
    return { ...red('no-tests', `No test ran.${skipped}`, remedy), result: 'no-tests' }
  }
  if (executed < minTests) {
    const sentence = `Only ${many(executed)} ran, "min-tests" is ${minTests}.`
    return red('too-few-tests', sentence, 'Check which tests the command finds, or lower "min-tests".')
  }
  if (failOnFlaky && counts.flaky > 0) {
    const sentence = `${many(counts.flaky)} passed only on a retry, and "fail-on-flaky" is set.`
    return red('flaky-tests', sentence, 'The summary lists them.')
  }
  return { result: 'passed', isGreen: true }
}

const REMEDIES: Readonly<Record<Problem['code'], string>> = {
  'report-truncated': 'Look in the log for what ended the tests before their time.',
  'report-unreadable': 'Check that "report-paths" names only reports of tests.',
  'not-yet': 'Let the runner write JUnit XML, TAP or CTRF, and name it in "report-paths".',
}

function red(code: string, sentence: string, remedy: string): Judgement {
  return { result: 'failed', isGreen: false, why: { code, sentence, remedy } }
}

function endingOf({ status, signal, outOfMemory }: NonNullable<Evidence['command']>): string {
  if (outOfMemory) return 'The command ran out of memory'
  return `The command ended ${signal === undefined ? `with exit code ${status}` : `by ${signal}`}`
}

const many = (count: number): string => `${count} ${count === 1 ? 'test' : 'tests'}`
