// TAP 13 and 14: lines of results, their YAML details, subtests by indentation.
import { message, plain, trace } from './excerpt.ts'
import type { Case, Reader, Sink } from './types.ts'

/** A level of indentation: the test file itself, or a subtest. */
interface Level {
  indent: number
  title: string
  planned: number | undefined
  seen: number
  failed: number
}

interface Pending {
  found: Case
  level: Level
  isParent: boolean
  yaml: string[] | undefined
}

const RESULT = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$/
const PLAN = /^1\.\.(\d+)/
const DIRECTIVE = /(?<!\\)#\s*(skip|todo)\w*:?\s*(.*)$/i
const TIME = /(?<!\\)#\s*time=([\d.]+)(m?s)/i
const LONGEST_LINE = 64 * 1024
const YAML_LINES = 400

/**
 * Only leaves count: a line that closes a subtest is the sum of it. A failing TODO is skipped. What was planned and
 * did not run, and `Bail out!`, make the report truncated, for the rest of the tests is missing.
 */
export function createTapReader(sink: Sink): Reader {
  let rest = ''
  let pending: Pending | undefined
  let bailed: string | undefined
  let missing = 0
  let levels: Level[] = [newLevel(0, '')]
  let nextTitle = ''

  const flush = () => {
    if (pending === undefined) return
    const { found, isParent, yaml } = pending
    pending = undefined
    if (!isParent) sink.entry(yaml === undefined ? found : withDetails(found, yaml))
  }

  const close = (level: Level) => {
    if (level.planned !== undefined && level.seen < level.planned) missing += level.planned - level.seen
  }

  /** Goes to the level of an indentation; what is deeper has ended, and its parent's line comes next. */
  const levelOf = (indent: number): { level: Level; closed: Level | undefined } => {
    let closed: Level | undefined
    while (levels.length > 1 && (levels.at(-1)?.indent ?? 0) > indent) {
      closed = levels.pop()
      if (closed !== undefined) close(closed)
    }
    const top = levels.at(-1)
    if (top !== undefined && top.indent === indent) return { level: top, closed }
    const level = newLevel(indent, nextTitle)
    nextTitle = ''
    levels.push(level)
    return { level, closed: undefined }
  }

  const truncated = (sentence: string) => sink.problem({ code: 'report-truncated', sentence })

  const line = (text: string) => {
    const indent = text.length - text.trimStart().length
    const body = text.trim()
    if (pending?.yaml !== undefined && pending.yaml.at(-1) !== END) {
      if (body === '...') pending.yaml.push(END)
      else if (pending.yaml.length < YAML_LINES) pending.yaml.push(text)
      return
    }
    if (body === '---' && pending !== undefined && indent > pending.level.indent) {
      pending.yaml = []
      return
    }
    const subtest = /^# Subtest:?\s*(.*)$/.exec(body)
    if (subtest !== null) {
      nextTitle = subtest[1] ?? ''
      return
    }
    if (body.startsWith('Bail out!') && bailed === undefined) bailed = body.slice(9).trim()
    const result = RESULT.exec(body)
    const planned = result === null ? PLAN.exec(body)?.[1] : undefined
    if (result === null && planned === undefined) return
    flush()
    const { level, closed } = levelOf(indent)
    if (result === null) {
      level.planned = Number(planned)
      return
    }
    level.seen += 1
    const suite = levels
      .slice(1)
      .map(({ title }) => title)
      .filter(title => title !== '')
    const found = caseOf(result, suite)
    if (found.status === 'failed') level.failed += 1
    // A parent that failed by itself, with no failed child, is a failure of its own.
    const isParent =
      closed !== undefined && closed.seen > 0 && !(found.status === 'failed' && closed.failed === 0)
    pending = { found, level, isParent, yaml: undefined }
  }

  return {
    write(text) {
      const lines = (rest + text).split(/\r?\n/)
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
      for (const each of lines) line(each)
    },
    end() {
      if (rest !== '') line(rest)
      const isTorn = pending?.yaml !== undefined && pending.yaml.at(-1) !== END
      flush()
      for (const level of levels) close(level)
      levels = []
      if (bailed !== undefined) truncated(`The run bailed out${bailed === '' ? '' : `: ${message(bailed)}`}.`)
      else if (missing > 0) truncated(`It plans ${missing} more tests than it has.`)
      else if (isTorn) truncated('It ends in the middle of a test.')
    },
  }
}

const END = '...'
const newLevel = (indent: number, title: string): Level => ({
  indent,
  title,
  planned: undefined,
  seen: 0,
  failed: 0,
})

function caseOf([, not, number, text = '']: RegExpExecArray, suite: readonly string[]): Case {
  const time = TIME.exec(text)
  const directive = DIRECTIVE.exec(text)
  const isTodo = directive?.[1]?.toLowerCase() === 'todo'
  const isSkip = directive !== null && !isTodo
  const cutAt = Math.min(time?.index ?? Infinity, directive?.index ?? Infinity)
  const title = plain(text.slice(0, cutAt))
    .trim()
    .replace(/\s*\{$/, '')
    .replaceAll('\\#', '#')
  const why = message(directive?.[2] ?? '')
  return {
    suite,
    name: title || `test ${number ?? 'without a name'}`,
    status: isSkip || (isTodo && not !== undefined) ? 'skipped' : not === undefined ? 'passed' : 'failed',
    duration: time === null ? undefined : Number(time[1]) * (time[2] === 's' ? 1000 : 1),
    ...(directive === null ? {} : { message: why || (isTodo ? 'TODO' : 'skipped') }),
  }
}

/** The few keys of the details that matter; they are not YAML enough everywhere for a parser. */
function withDetails(found: Case, yaml: readonly string[]): Case {
  const value = (key: string): string | undefined => {
    const at = yaml.findIndex(text => text.trim().startsWith(`${key}:`))
    if (at === -1) return undefined
    const head = yaml[at] ?? ''
    const inline = head.slice(head.indexOf(':') + 1).trim()
    if (!/^[|>][+-]?\d*$/.test(inline)) return inline.replace(/^(['"])(.*)\1$/, '$2')
    const depth = head.length - head.trimStart().length
    const end = yaml.findIndex((text, index) => index > at && text.trim() !== '' && indentOf(text) <= depth)
    return yaml
      .slice(at + 1, end === -1 ? yaml.length : end)
      .filter(text => text !== END)
      .map(text => text.slice(depth + 2))
      .join('\n')
  }
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(value('location') ?? '') ?? []
  const duration = Number(value('duration_ms') ?? NaN)
  const isFailure = found.status === 'failed'
  const told = isFailure ? value('error') || value('message') : undefined
  const stack = isFailure ? value('stack') : undefined
  return {
    ...found,
    duration: Number.isFinite(duration) ? duration : found.duration,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined || line === '0' ? {} : { line: Number(line) }),
    ...(told ? { message: message(told) } : {}),
    ...(stack ? { trace: trace(stack) } : {}),
  }
}

const indentOf = (text: string): number => text.length - text.trimStart().length
