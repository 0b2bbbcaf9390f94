// Which format a report is in, from its first characters: file names lie.
import type { Format } from './types.ts'

/** How many characters mostly tell the format, and after how many nobody can: comments may be long. */
export const HEAD = { enough: 4096, most: 65_536 }

const ROOTS: Readonly<Record<string, Format>> = {
  testsuites: 'junit',
  testsuite: 'junit',
  TestRun: 'trx',
  assemblies: 'xunit',
  assembly: 'xunit',
  'test-run': 'nunit',
  'test-results': 'nunit',
}

/** Undefined: none that we know. A few lines of a log before the report do no harm. */
export function recognise(head: string): Format | undefined {
  const root = /<(testsuites|testsuite|TestRun|assemblies|assembly|test-run|test-results)[\s/>]/.exec(
    head,
  )?.[1]
  if (/^\s*</.test(head) || (root !== undefined && /^\s*</m.test(head)))
    return root === undefined ? undefined : ROOTS[root]
  if (/^\s*\{/.test(head)) return json(head)
  if (/^TAP version \d+\s*$/m.test(head) || /^(?:not )?ok\b/m.test(head) || /^1\.\.\d+/m.test(head))
    return 'tap'
  return /^Bail out!/m.test(head) ? 'tap' : undefined
}

function json(head: string): Format | undefined {
  const has = (...keys: string[]) => keys.every(key => new RegExp(`"${key}"\\s*:`).test(head))
  if (has('Action') && (has('Package') || has('ImportPath'))) return 'go-test'
  if (/"reportFormat"\s*:\s*"CTRF"/.test(head) || has('results', 'tool')) return 'ctrf'
  if (has('numTotalTestSuites') || has('numFailedTests') || has('testResults')) return 'jest'
  if (has('stats', 'suites', 'passes') && !has('config')) return 'mocha'
  if (has('config', 'suites') || has('config', 'rootDir')) return 'playwright'
  return has('stats') ? 'mocha' : undefined
}
