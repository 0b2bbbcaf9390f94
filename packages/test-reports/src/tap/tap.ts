// TAP 13 and 14: lines of results, their YAML details, subtests by indentation.
import { message } from '../excerpt.ts'
import type { Case, Reader, Sink } from '../types.ts'
import { withDetails } from './details.ts'
import { caseOf, RESULT } from './result.ts'

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

const PLAN = /^1\.\.(\d+)/
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
  // What is wrong with the number of tests, in the report's words.
  let mismatch: string | undefined
  let levels: Level[] = [newLevel(0, '')]
  let nextTitle = ''

  const flush = () => {
    if (pending === undefined) return
    const { found, isParent, yaml } = pending
    pending = undefined
    if (!isParent) sink.entry(yaml === undefined ? found : withDetails(found, yaml))
  }

  const close = (level: Level) => {
    const { planned, seen, indent } = level
    if (planned === undefined && indent === 0) mismatch ??= 'It has no plan, so nobody knows what is missing.'
    else if (planned !== undefined && planned !== seen)
      mismatch ??= `It plans ${planned} tests and has ${seen}.`
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

  /** Reports of several programs, one after the other. */
  const restart = () => {
    flush()
    for (const level of levels) close(level)
    levels = [newLevel(0, '')]
  }

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
      if (indent > (levels.at(-1)?.indent ?? 0)) levelOf(indent)
      nextTitle = subtest[1] ?? ''
      return
    }
    if (/^TAP version \d+$/.test(body) && indent === 0 && (levels[0]?.seen ?? 0) > 0) restart()
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
    const isBlock = body.endsWith('{') && found.status !== 'failed'
    if (isBlock) nextTitle = found.name
    const isSum =
      closed !== undefined && closed.seen > 0 && !(found.status === 'failed' && closed.failed === 0)
    const isParent = isBlock || isSum
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
      else if (mismatch !== undefined) truncated(mismatch)
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
