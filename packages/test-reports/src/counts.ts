// How many tests there are, of each kind.
import type { Test } from './types.ts'

/** Of distinct tests; `flaky` ones are among the passed. */
export interface Counts {
  total: number
  passed: number
  failed: number
  skipped: number
  flaky: number
}

export function counts(tests: Iterable<Test>): Counts {
  const sum = { total: 0, passed: 0, failed: 0, skipped: 0, flaky: 0 }
  for (const { status, flaky } of tests) {
    sum.total += 1
    sum[status] += 1
    if (flaky) sum.flaky += 1
  }
  return sum
}
