import { describe, expect, test } from '@jest/globals'
import { judge, type Evidence } from './judge.ts'

const ok = { status: 0, signal: undefined, outOfMemory: false }
const exit3 = { status: 3, signal: undefined, outOfMemory: false }
const killed = { status: 137, signal: 'SIGKILL', outOfMemory: false }
const starved = { status: 137, signal: 'SIGKILL', outOfMemory: true }
const torn = [{ report: 'a.xml', code: 'report-truncated', sentence: 'It ends.' }] as const
const broken = [{ report: 'a.xml', code: 'report-unreadable', sentence: 'It is broken.' }] as const
const unread = [{ report: 'a.trx', code: 'not-yet', sentence: 'It is TRX.' }] as const

function evidence({ passed = 0, failed = 0, skipped = 0, flaky = 0, ...rest }: Row): Evidence {
  const counts = { total: passed + failed + skipped, passed, failed, skipped, flaky }
  return { counts, command: ok, reports: 1, problems: [], minTests: 1, failOnFlaky: false, ...rest }
}
type Row = Partial<Omit<Evidence, 'counts'>> & {
  passed?: number
  failed?: number
  skipped?: number
  flaky?: number
}

describe('green only with proof', () => {
  test.each<[what: string, row: Row, result: string, green: boolean, code: string | undefined]>([
    ['tests that pass', { passed: 3 }, 'passed', true, undefined],
    ['skipped ones beside them', { passed: 1, skipped: 9 }, 'passed', true, undefined],
    ['a flaky one', { passed: 3, flaky: 1 }, 'passed', true, undefined],
    [
      'a flaky one that shall not be',
      { passed: 3, flaky: 1, failOnFlaky: true },
      'failed',
      false,
      'flaky-tests',
    ],
    ['one failure', { passed: 2, failed: 1, command: exit3 }, 'failed', false, 'tests-failed'],
    ['a failure though the command ended with 0', { passed: 2, failed: 1 }, 'failed', false, 'tests-failed'],
    ['a failure in a torn report', { failed: 1, problems: torn }, 'failed', false, 'tests-failed'],
    ['all pass and the command fails', { passed: 3, command: exit3 }, 'failed', false, 'command-failed'],
    ['the command is killed', { passed: 3, command: killed }, 'failed', false, 'command-failed'],
    ['the command runs out of memory', { passed: 3, command: starved }, 'failed', false, 'out-of-memory'],
    ['a torn report', { passed: 3, problems: torn }, 'failed', false, 'report-truncated'],
    ['a broken report', { passed: 3, problems: broken }, 'failed', false, 'report-unreadable'],
    ['a report of another format', { passed: 3, problems: unread }, 'failed', false, 'not-yet'],
    [
      'a torn report, though none are needed',
      { problems: torn, minTests: 0 },
      'failed',
      false,
      'report-truncated',
    ],
    ['no report', { reports: 0 }, 'failed', false, 'no-report'],
    ['no report and the command fails', { reports: 0, command: exit3 }, 'failed', false, 'command-failed'],
    ['no report, though none are needed', { reports: 0, minTests: 0 }, 'no-tests', true, 'no-tests'],
    [
      'the command fails, though none are needed',
      { reports: 0, minTests: 0, command: exit3 },
      'failed',
      false,
      'command-failed',
    ],
    ['no test', {}, 'no-tests', false, 'no-tests'],
    ['only skipped tests', { skipped: 4 }, 'no-tests', false, 'no-tests'],
    ['only skipped tests, though none are needed', { skipped: 4, minTests: 0 }, 'no-tests', true, 'no-tests'],
    ['too few tests', { passed: 4, skipped: 9, minTests: 5 }, 'failed', false, 'too-few-tests'],
    ['just enough tests', { passed: 5, minTests: 5 }, 'passed', true, undefined],
    ['nothing was run, reports alone', { passed: 5, command: undefined }, 'passed', true, undefined],
    ['nothing was run, no report', { reports: 0, command: undefined }, 'failed', false, 'no-report'],
  ])('%s', (_, row, result, isGreen, code) => {
    const judgement = judge(evidence(row))
    expect([judgement.result, judgement.isGreen, judgement.why?.code]).toEqual([result, isGreen, code])
  })
})

describe('the sentence says what happened and what to do', () => {
  test.each<[row: Row, sentence: string]>([
    [{ passed: 39, failed: 1 }, '1 of 40 tests failed. The summary lists them.'],
    [
      { reports: 0 },
      'The command left no report that can be read. Name its reports in "report-paths", or set "min-tests" to 0 if none are expected.',
    ],
    [
      { passed: 1, command: killed },
      'The command ended by SIGKILL, though no test failed (1 test reported). Its last lines are in the log.',
    ],
    [
      { skipped: 2 },
      'No test ran. 2 tests were skipped. Check which tests the command finds, or set "min-tests" to 0.',
    ],
    [
      { passed: 1, problems: torn, command: exit3 },
      'The command ended with exit code 3. The report a.xml is no proof. It ends. Look in the log for what ended the tests before their time.',
    ],
  ])('%j', (row, expected) => {
    const { sentence, remedy } = judge(evidence(row)).why ?? { sentence: '', remedy: '' }
    expect(`${sentence} ${remedy}`).toBe(expected)
  })
})
