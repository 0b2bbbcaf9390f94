// A line of TAP that says how a test ended.
import { message, plain } from '../excerpt.ts'
import type { Case } from '../types.ts'

export const RESULT = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$/
const DIRECTIVE = /(?<!\\)#\s*(skip|todo)\w*:?\s*(.*)$/i
const TIME = /(?<!\\)#\s*time=([\d.]+)(m?s)/i

/** @param suite titles of the subtests around it */
export function caseOf([, not, number, text = '']: RegExpExecArray, suite: readonly string[]): Case {
  const time = TIME.exec(text)
  const directive = DIRECTIVE.exec(text)
  const isTodo = directive?.[1]?.toLowerCase() === 'todo'
  const cutAt = Math.min(time?.index ?? Infinity, directive?.index ?? Infinity)
  const title = plain(text.slice(0, cutAt))
    .trim()
    .replace(/\s*\{$/, '')
    .replaceAll('\\#', '#')
  const why = message(directive?.[2] ?? '')
  return {
    suite,
    name: title || `test ${number ?? 'without a name'}`,
    status: directive !== null ? 'skipped' : not === undefined ? 'passed' : 'failed',
    duration: time === null ? undefined : Number(time[1]) * (time[2] === 's' ? 1000 : 1),
    ...(directive === null ? {} : { message: why || (isTodo ? 'TODO' : 'skipped') }),
  }
}
