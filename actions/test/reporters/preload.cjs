// Loaded into every Node process of the test command; gives jest, and nothing else, one more argument.
'use strict'
const { realpathSync } = require('node:fs')
const { join } = require('node:path')

const [, program] = process.argv
const isAsked = process.argv.some(argument => argument.startsWith('--testResultsProcessor'))
if (!isAsked && program !== undefined && /[\\/]jest(?:-cli)?[\\/]bin[\\/]jest\.js$/.test(resolved(program))) {
  process.argv.splice(
    2,
    0,
    `--testResultsProcessor=${join(__dirname, 'jest-results.cjs')}`,
    '--testLocationInResults',
  )
}

function resolved(path) {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
