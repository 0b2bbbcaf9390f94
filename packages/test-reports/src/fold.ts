// From the entries of a report to its tests: several runs of one test are one test.
import type { Attempt, Case, Test } from './types.ts'

const TRACES = 16 * 1024 * 1024
const ATTEMPTS = 20

interface Fold {
  add: (found: Case) => void
  readonly tests: Test[]
}

/**
 * Folds entries in the order of the report.
 *
 * A failure that is followed by a pass of the same test is flaky, a pass followed by a failure is failed: the second
 * half of pytest's pair of entries is its teardown. Two passes are two tests of one name, for nobody repeats a pass;
 * parameterised tests of Gradle look like that.
 */
export function createFold(): Fold {
  const tests: Test[] = []
  const last = new Map<string, Test>()
  let traces = 0

  // A run in which everything fails shall not cost memory without end; the first traces are the ones that are read.
  const lean = (found: Case): Case => {
    if (found.trace === undefined) return found
    traces += found.trace.length
    if (traces <= TRACES) return found
    const { trace: _, ...rest } = found
    return rest
  }

  return {
    tests,
    add(found) {
      const { earlier = [], ...own } = lean(found)
      const key = identity(own)
      const known = last.get(key)
      if (known !== undefined && isSameTest(known, own)) {
        const verdict = settle(known.status, own.status)
        const attempts = [...known.attempts, ...earlier, attemptOf(own)]
        if (verdict === own.status) Object.assign(known, attemptOf(own))
        Object.assign(known, { flaky: verdict === 'passed', attempts: attempts.slice(-ATTEMPTS) })
        if (verdict === 'passed') forget(known)
        return
      }
      const failedBefore = earlier.some(({ status }) => status === 'failed')
      const attempts = earlier.length === 0 ? single(own) : [...earlier, attemptOf(own)]
      const test: Test = { ...own, flaky: own.status === 'passed' && failedBefore, attempts }
      tests.push(test)
      last.set(key, test)
    },
  }
}

/** A test that runs again has the same name in the same suite of the same file. */
export function identity({ file = '', suite, name }: Pick<Case, 'file' | 'suite' | 'name'>): string {
  return [file, ...suite, name].join('\0')
}

function isSameTest(known: Test, next: Case): boolean {
  if (known.status === 'failed') return true
  return known.status === 'passed' && next.status === 'failed'
}

function settle(before: Attempt['status'], now: Attempt['status']): Attempt['status'] {
  return before === 'failed' && now === 'passed' ? 'passed' : 'failed'
}

function forget(test: Test): void {
  delete test.message
  delete test.trace
}

function attemptOf({ status, duration, message, trace }: Attempt): Attempt {
  return {
    status,
    duration,
    ...(message === undefined ? {} : { message }),
    ...(trace === undefined ? {} : { trace }),
  }
}

// Nearly all tests run once and pass; they share these to stay small.
const ONCE: Readonly<Record<'passed' | 'skipped', readonly Attempt[]>> = {
  passed: [{ status: 'passed', duration: undefined }],
  skipped: [{ status: 'skipped', duration: undefined }],
}

function single(own: Case): readonly Attempt[] {
  return own.status === 'failed' ? [attemptOf(own)] : ONCE[own.status]
}
