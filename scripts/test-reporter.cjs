// Names every skipped test and its count, and ends with the one line that sums up the run.
module.exports = class {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap(file =>
      file.testResults.filter(test => test.status === 'pending' || test.status === 'todo'),
    )
    for (const test of skipped) console.log(`skipped: ${test.fullName}`)
    const broken = results.numRuntimeErrorTestSuites
    if (broken > 0) console.log(`${broken} test files could not run; each counts as one failure.`)
    const failed = results.numFailedTests + broken
    console.log(
      `${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests + results.numTodoTests} skipped`,
    )
  }
}
