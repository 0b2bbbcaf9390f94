// CTRF of a run, in pieces, so that a long one is never a single string.
import { counts } from '../counts.ts'
import type { Attempt, Test } from '../types.ts'

export interface CtrfRun {
  /** What ran the tests, such as `node:test`. */
  tool: string
  /** Milliseconds since the epoch. */
  start: number
  stop: number
  /** ISO 8601. */
  timestamp: string
}

/** Valid by the schema of CTRF 0.0; `filePath` and `line` as they stand in the tests. */
export function* writeCtrf(
  tests: readonly Test[],
  { tool, start, stop, timestamp }: CtrfRun,
): Generator<string> {
  const { total, passed, failed, skipped, flaky } = counts(tests)
  const summary = {
    tests: total,
    passed,
    failed,
    skipped,
    pending: 0,
    other: 0,
    flaky,
    start: Math.round(start),
    stop: Math.round(stop),
  }
  const head = { reportFormat: 'CTRF', specVersion: '0.0.0', timestamp, generatedBy: 'gitops-relay' }
  yield `${JSON.stringify(head).slice(0, -1)},"results":{"tool":${JSON.stringify({ name: tool || 'unknown' })}`
  yield `,"summary":${JSON.stringify(summary)},"tests":[`
  let separator = '\n'
  for (const test of tests) {
    yield separator + JSON.stringify(entry(test))
    separator = ',\n'
  }
  yield '\n]}}\n'
}

function entry(test: Test): Record<string, unknown> {
  const { name, suite, file, line, flaky, attempts } = test
  return {
    name: name || 'a test without a name',
    ...attempt(test),
    ...(suite.length > 0 ? { suite } : {}),
    ...(file === undefined ? {} : { filePath: file }),
    ...(line === undefined ? {} : { line }),
    ...(attempts.length > 1
      ? {
          retries: attempts.length - 1,
          retryAttempts: attempts.map((each, at) => {
            const { duration, ...rest } = attempt(each)
            return { attempt: at + 1, ...rest, ...(each.duration === undefined ? {} : { duration }) }
          }),
        }
      : {}),
    ...(flaky ? { flaky } : {}),
  }
}

function attempt({ status, duration = 0, message, trace }: Attempt): Record<string, unknown> {
  return {
    status,
    duration: Math.round(duration),
    ...(message === undefined ? {} : { message }),
    ...(trace === undefined ? {} : { trace }),
  }
}
