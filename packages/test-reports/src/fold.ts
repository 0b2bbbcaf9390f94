// From the entries of a report to its tests: several runs of one test are one test.
import type { Attempt, Case, Test } from './types.ts'

const TRACES = 16 * 1024 * 1024
const ATTEMPTS = 20

interface Fold {
  add: (found: Case) => void
  readonly tests: Test[]
}

/**
 * Folds entries in the order of the report; it keeps what it is given.
 *
 * A failure that is followed by a pass of the same test is flaky, a pass followed by a failure is failed: the second
 * half of pytest's pair of entries is its teardown. Two passes are two tests of one name, for nobody repeats a pass;
 * parameterised tests of Gradle look like that.
 */
export function createFold(): Fold {
  const tests: Test[] = []
  const groups = createGroups()
  let traces = 0

  // A run in which everything fails shall not cost memory without end; the first traces are the ones that are read.
  const spare = (found: Case): void => {
    traces += found.trace?.length ?? 0
    if (traces > TRACES) delete found.trace
  }

  return {
    tests,
    add(found) {
      spare(found)
      const { suite, named } = groups(found)
      const known = named.get(found.name)
      if (known !== undefined && isSameTest(known, found)) return again(known, found)
      const test = first(found, suite)
      tests.push(test)
      named.set(found.name, test)
    },
  }
}

function first(found: Case, suite: readonly string[]): Test {
  const { name, status, duration, earlier } = found
  const attempts = earlier === undefined ? single(found) : [...earlier, attemptOf(found)]
  const flaky = status === 'passed' && earlier?.some(each => each.status === 'failed') === true
  const test: Test = { suite, name, status, duration, flaky, attempts }
  if (found.file !== undefined) test.file = found.file
  if (found.line !== undefined) test.line = found.line
  if (found.message !== undefined) test.message = found.message
  if (found.trace !== undefined) test.trace = found.trace
  return test
}

function again(known: Test, found: Case): void {
  const verdict = settle(known.status, found.status)
  const attempts = [...known.attempts, ...(found.earlier ?? []), attemptOf(found)]
  if (verdict === found.status) Object.assign(known, attemptOf(found))
  Object.assign(known, { flaky: verdict === 'passed', attempts: attempts.slice(-ATTEMPTS) })
  if (verdict === 'passed') forget(known)
}

interface Group {
  /** One array for all tests of the suite. */
  suite: readonly string[]
  /** The last test of each name. */
  named: Map<string, Test>
}

/** A test that runs again has the same name in the same suite of the same file. */
function createGroups(): (found: Case) => Group {
  const groups = new Map<string, Group>()
  return ({ file = '', suite }) => {
    const key = [file, ...suite].join('\0')
    const known = groups.get(key)
    if (known !== undefined) return known
    const group = { suite, named: new Map<string, Test>() }
    groups.set(key, group)
    return group
  }
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
