// One `<testcase>` and what stands inside of it, in whichever dialect.
import { message, plain, trace } from '../excerpt.ts'
import type { Attempt, Case, Status } from '../types.ts'

export type Attributes = Readonly<Record<string, string>>

/** A child element of a test case, with its text. */
export interface Part {
  name: string
  attributes: Attributes
  text: string
}

export interface Entry {
  attributes: Attributes
  /** Of the suites around it, outermost first. */
  suites: readonly Attributes[]
  status: Status
  details: Attempt | undefined
  /** Other runs of the test that the entry holds. */
  reruns: Attempt[]
}

const OUTCOMES: Readonly<Record<string, Status>> = { error: 'failed', failure: 'failed', skipped: 'skipped' }
// Surefire and nextest: `flaky…` of a test that passed in the end, `rerun…` of one that did not.
const RERUN = /^(?:flaky|rerun)(?:Failure|Error)$/
const NOT_RUN = /^(?:disabled|ignored|notrun|notexecuted|suppressed|skipped)$/i

/** Does this child say how the test ended? All others, `system-out` and `properties` among them, are dropped unread. */
export function isOutcome(name: string): boolean {
  return name in OUTCOMES || RERUN.test(name)
}

export function begin(attributes: Attributes, suites: readonly Attributes[]): Entry {
  const { status = '', result = '' } = attributes
  const isSkipped = NOT_RUN.test(status) || NOT_RUN.test(result) || attributes['disabled'] === 'true'
  const isFailed = /^(?:fail(?:ed|ure)?|error)$/i.test(status)
  return {
    attributes,
    suites: [...suites],
    status: isFailed ? 'failed' : isSkipped ? 'skipped' : 'passed',
    details: undefined,
    reruns: [],
  }
}

/** Of several outcomes a failure beats a skip, and the first of its kind counts. */
export function record(entry: Entry, part: Part): void {
  const details = detailsOf(part)
  if (RERUN.test(part.name)) {
    entry.reruns.push(details)
    return
  }
  // node:test writes a failing TODO as `<skipped type="todo">` and `<failure>`; a TODO may fail.
  const isTodo = part.name === 'skipped' && part.attributes['type'] === 'todo'
  const isSettled = entry.details !== undefined && (entry.status === 'failed' || isTodoEntry(entry))
  const isWorse = details.status === 'failed' && !isTodoEntry(entry)
  if (isTodo || !isSettled || (isWorse && entry.status !== 'failed')) {
    entry.details = isTodo ? { ...details, message: 'TODO' } : details
    entry.status = details.status
  }
}

const isTodoEntry = ({ details }: Entry): boolean =>
  details?.status === 'skipped' && details.message === 'TODO'

/** The entry that was open when the report ended. */
export function interrupt(entry: Entry): void {
  if (entry.status === 'failed') return
  const text = 'The report ends in the middle of this test.'
  entry.status = 'failed'
  entry.details = { status: 'failed', duration: undefined, message: text }
}

export function finish({ attributes, suites, status, details, reruns }: Entry): Case {
  const file = attributes['file'] || suites.findLast(suite => suite['file'])?.['file']
  const line = lineOf(attributes, file)
  const titles = suites.map(suite => plain(suite['name'] ?? '')).filter(title => title !== '')
  const own = plain(attributes['classname'] ?? attributes['class'] ?? '')
  return {
    suite: own === '' || own === titles.at(-1) ? titles : [...titles, own],
    name: plain(attributes['name'] ?? '').trim() || own || 'a test without a name',
    status,
    duration: milliseconds(attributes['time']),
    ...(file ? { file } : {}),
    ...(line === undefined ? {} : { line }),
    ...(details?.message ? { message: details.message } : {}),
    ...(details?.trace === undefined ? {} : { trace: details.trace }),
    ...(reruns.length === 0 ? {} : { earlier: reruns }),
  }
}

function detailsOf({ name, attributes, text }: Part): Attempt {
  const body = trace(text)
  const told = attributes['message']?.trim() || body.split('\n', 1)[0] || attributes['type'] || ''
  return {
    status: OUTCOMES[name] ?? 'failed',
    duration: milliseconds(attributes['time']),
    message: message(told),
    ...(body === '' ? {} : { trace: body }),
  }
}

/** pytest counts from 0; it alone writes a Python file without a `class`. */
function lineOf(attributes: Attributes, file: string | undefined): number | undefined {
  const line = Number(attributes['line'] || attributes['lineno'] || NaN)
  const first = file?.endsWith('.py') && attributes['class'] === undefined ? line + 1 : line
  return Number.isInteger(first) && first > 0 ? first : undefined
}

/** Seconds as tools write them: `1,234.5`, an empty text and NaN among them. */
function milliseconds(time = ''): number | undefined {
  const seconds = time.trim() === '' ? NaN : Number(time.replaceAll(',', ''))
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
