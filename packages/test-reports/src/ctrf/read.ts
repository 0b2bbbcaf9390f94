// CTRF, the Common Test Report Format: https://ctrf.io, schema of version 0.0.
import { message, plain, trace } from '../excerpt.ts'
import type { Attempt, Case, Reader, Sink, Status } from '../types.ts'
import { createElements } from './elements.ts'

const STATUSES: Readonly<Record<string, Status>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
}

export function createCtrfReader(sink: Sink): Reader {
  let unreadable = 0
  const elements = createElements(['results', 'tests'], json => {
    const found = json === undefined ? undefined : parse(json)
    if (found === undefined) unreadable += 1
    else sink.entry(found)
  })
  return {
    write: elements.write,
    end() {
      if (!elements.end())
        sink.problem({ code: 'report-truncated', sentence: 'It ends in the middle of the JSON.' })
      else if (unreadable > 0) {
        sink.problem({ code: 'report-unreadable', sentence: `${unreadable} of its tests cannot be read.` })
      }
    },
  }
}

function parse(json: string): Case | undefined {
  let test: unknown
  try {
    test = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!isObject(test)) return undefined
  if (typeof test['name'] !== 'string' || typeof test['status'] !== 'string') return undefined
  const { suite, filePath, line, retryAttempts } = test
  const suites = Array.isArray(suite) ? suite : [suite]
  const own = attempt(test)
  const attempts = (Array.isArray(retryAttempts) ? retryAttempts : []).map(attempt)
  // Some writers list the last run among the attempts, some do not.
  const earlier = attempts.at(-1)?.status === own.status ? attempts.slice(0, -1) : attempts
  return {
    suite: suites
      .filter(title => typeof title === 'string' && title !== '')
      .map(title => plain(String(title))),
    name: plain(test['name']),
    ...own,
    ...(typeof filePath === 'string' && filePath !== '' ? { file: filePath } : {}),
    ...(Number.isInteger(line) && Number(line) > 0 ? { line: Number(line) } : {}),
    ...(earlier.length > 0 ? { earlier } : {}),
  }
}

function attempt(found: unknown): Attempt {
  const { status, duration, message: told, trace: stack } = isObject(found) ? found : {}
  return {
    // `other` is neither good nor bad in the schema; a test that nobody understands is not proof of anything.
    status: STATUSES[String(status)] ?? 'failed',
    duration: typeof duration === 'number' && duration >= 0 ? duration : undefined,
    ...(typeof told === 'string' && told !== '' ? { message: message(told) } : {}),
    ...(typeof stack === 'string' && stack !== '' ? { trace: trace(stack) } : {}),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
