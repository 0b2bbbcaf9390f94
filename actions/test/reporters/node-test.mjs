// A reporter for node:test. It prints nothing; the report goes into the directory that GITOPS_RELAY_REPORTS names.
import { relative, resolve } from 'node:path'
import { inspect } from 'node:util'
import junit from './junit.cjs'

/** Leaves are tests; what has subtests is a suite of them, unless it failed by itself. */
// oxlint-disable-next-line require-yield
export default async function* report(source) {
  const directory = process.env['GITOPS_RELAY_REPORTS']
  const output = directory ? junit.openReport(directory) : undefined
  // By file: the titles that are open, and how many tests ended at each depth.
  const files = new Map()
  for await (const { type, data } of source) {
    if (output === undefined || !/^test:(?:start|pass|fail)$/.test(type)) continue
    if (!files.has(data.file)) files.set(data.file, { titles: [], ended: [] })
    const { titles, ended } = files.get(data.file)
    if (type === 'test:start') {
      titles[data.nesting] = data.name
      continue
    }
    const hasSubtests = (ended[data.nesting + 1] ?? 0) > 0
    ended[data.nesting + 1] = 0
    ended[data.nesting] = (ended[data.nesting] ?? 0) + 1
    const failure = type === 'test:fail' ? failureOf(data.details.error) : undefined
    // Node reports a file without tests as a test that passes.
    const isFile = data.nesting === 0 && data.file !== undefined && resolve(data.name) === data.file
    const isSum = hasSubtests || isFile || data.details.type === 'suite'
    if (isSum && (failure === undefined || data.details.error.failureType === 'subtestsFailed')) continue
    const isTodo = isGiven(data.todo)
    const isSkipped = isTodo || isGiven(data.skip)
    output.test({
      suite: titles.slice(0, data.nesting),
      name: isFile ? relative('', data.file) : data.name,
      file: data.file,
      line: isFile ? undefined : data.line,
      duration: data.details.duration_ms,
      failure: isSkipped ? undefined : failure,
      skipped: isSkipped ? reasonOf(isTodo ? data.todo : data.skip, isTodo ? 'TODO' : 'skipped') : undefined,
    })
  }
  output?.end()
}

const isGiven = mark => mark !== undefined && mark !== false
const reasonOf = (mark, otherwise) => (typeof mark === 'string' && mark !== '' ? mark : otherwise)

function failureOf(error) {
  const cause = error.cause ?? error
  const ending = error.signal ? ` (${error.signal})` : error.exitCode ? ` (exit code ${error.exitCode})` : ''
  const message =
    typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause)
  const trace = cause instanceof Error ? [cause.stack, ...causesOf(cause)].join('\n') : inspect(cause)
  return { message: `${message}${ending}`, trace }
}

function causesOf({ cause }) {
  return cause instanceof Error ? [`Caused by: ${cause.stack}`] : []
}
