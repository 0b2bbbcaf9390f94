// Failed tests as findings: one for each cause and place.
import type { Finding, SourcePlace, Test } from '@gitops-relay/test-reports'

export interface Group {
  finding: Finding
  /** Full names of the tests that failed of it. */
  tests: readonly string[]
}

/** Those with a place first, then those that hit most tests; the order of the reports otherwise. */
export function groupFailures(
  failures: readonly Test[],
  locate: (failure: Test) => SourcePlace | undefined,
): readonly Group[] {
  const groups = new Map<string, { finding: Finding; tests: string[] }>()
  for (const failure of failures) {
    const place = locate(failure)
    const cause = failure.message?.split('\n', 1)[0] ?? 'failed'
    const key = JSON.stringify([place?.file, place?.line, cause])
    const known = groups.get(key)
    if (known !== undefined) {
      known.tests.push(fullName(failure))
      continue
    }
    const finding: Finding = {
      file: place?.file,
      line: place?.line,
      column: place?.column,
      severity: 'error',
      message: failure.message ?? 'failed',
      cause,
    }
    groups.set(key, { finding, tests: [fullName(failure)] })
  }
  const hasPlace = ({ finding }: Group) => Number(finding.file !== undefined)
  return [...groups.values()].sort(
    (one, other) => hasPlace(other) - hasPlace(one) || other.tests.length - one.tests.length,
  )
}

export function fullName({ suite, name }: Pick<Test, 'suite' | 'name'>): string {
  return [...suite, name].join(' > ')
}
