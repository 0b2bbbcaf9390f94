// A results processor for jest: leaves the results as they are, and writes them down where GITOPS_RELAY_REPORTS says.
'use strict'
const { relative } = require('node:path')
const { openReport } = require('./junit.cjs')

module.exports = function writeResults(results) {
  const directory = process.env['GITOPS_RELAY_REPORTS']
  if (!directory) return results
  const output = openReport(directory)
  for (const file of results.testResults) {
    for (const test of file.testResults) output.test(entry(test, file.testFilePath))
    if (file.testExecError) output.test(brokenFile(file))
  }
  output.end()
  return results
}

function entry(test, file) {
  const failures = (test.failureMessages ?? []).map(failureOf)
  const isFailed = test.status === 'failed'
  return {
    suite: test.ancestorTitles,
    name: test.title,
    file,
    line: test.location?.line,
    duration: test.duration ?? undefined,
    failure: isFailed ? merge(failures) : undefined,
    skipped: isFailed || test.status === 'passed' ? undefined : test.status,
    reruns: rerunsOf(test),
  }
}

/** jest.retryTimes keeps what went wrong before only with `logErrorsBeforeRetry`, the number of runs always. */
function rerunsOf({ invocations = 1, retryReasons = [] }) {
  const unknown = { message: 'An earlier run of this test failed.' }
  return Array.from({ length: Math.max(0, invocations - 1) }, (_, at) =>
    retryReasons[at] === undefined ? unknown : failureOf(retryReasons[at]),
  )
}

/** A file whose tests never began: a syntax error, a missing module. */
function brokenFile({ testFilePath, testExecError }) {
  const { message = 'The test file failed to run.', stack = '' } = testExecError
  const failure = { message: plain(message), trace: plain(`${message}\n${stack}`) }
  return { suite: [], name: relative(process.cwd(), testFilePath), file: testFilePath, failure }
}

/** Several failures of one test, such as its own and that of a hook. */
function merge([first = { message: 'failed', trace: '' }, ...others]) {
  return { message: first.message, trace: [first, ...others].map(({ trace }) => trace).join('\n\n') }
}

function failureOf(text) {
  const trace = plain(String(text))
  return { message: trace.split(/\n\s+at /, 1)[0].trim(), trace }
}

// oxlint-disable-next-line no-control-regex
const plain = text => text.replace(/\x1b\[[0-9;]*m/g, '')
