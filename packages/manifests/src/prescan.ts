// Looks at bytes before any parser does, in time linear to their number, and refuses what could hurt it.
import { Lexer } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Comment } from './manifest.ts'

/** For one file: two seconds at most. `parsed` are values of which a whole parser makes its costly trees, `places` those of one bump. */
export const limits = {
  bytes: 5_000_000,
  depth: 64,
  aliases: 100,
  values: 500_000,
  parsed: 150_000,
  places: 20_000,
}

export interface Scanned {
  /** Scalars, flow collections and documents. */
  values: number
  /** As `yaml`'s lexer tells them. */
  lexemes: string[]
  comments: Comment[]
  aliases: number
}

const documentMark = '\x02'
const scalarMark = '\x1f'
/** Lexer's marks of no width: a document begins, a flow collection ended too early, a scalar follows. */
const marks = new Set([documentMark, '\x18', scalarMark])
const blanks = new Set(' \t\r\n\ufeff#')

/**
 * What the lexer sees of a YAML text that stands so deep in its file. Depth is open brackets and, between them, columns of
 * block collections.
 *
 * @throws UserError `too-deep`, `too-many-aliases`, `too-many-values`
 */
export function prescan(file: string, text: string, depthAbove = 0): Scanned {
  const scanned: Scanned = { values: 0, lexemes: [], comments: [], aliases: 0 }
  const columns: number[] = []
  let [offset, line, lineStart, flow, separators] = [0, 1, 0, 0, 0]
  // Fresh: a block collection may begin here. Alone: only spaces so far on this line.
  let [isContent, fresh, alone] = [false, true, true]
  const refuse = (code: string, what: string) => {
    throw new UserError(code, `${file}:${line} ${what}.`, 'Take the file out of "files".')
  }
  const count = (number: number) => {
    if (number > limits.parsed) {
      refuse('too-many-values', `has more than the limit of ${limits.parsed} values before it`)
    }
  }
  for (const lexeme of new Lexer().lex(text)) {
    scanned.lexemes.push(lexeme)
    const first = isContent ? '' : (lexeme[0] ?? '')
    if (marks.has(lexeme) && !isContent) {
      isContent = lexeme === scalarMark
      if (isContent || lexeme === documentMark) count(++scanned.values)
      if (lexeme === documentMark) columns.length = 0
      continue
    }
    isContent = false
    const isIndicator = lexeme === first && (first === '-' || first === '?')
    const isBlank = lexeme === '' || blanks.has(first)
    if (flow === 0 && !isBlank && (fresh || isIndicator)) {
      const column = offset - lineStart
      while (columns.length > 0 && (columns.at(-1) ?? 0) >= column) columns.pop()
      columns.push(column)
      fresh = isIndicator
    }
    if (first === '[' || first === '{') {
      flow++
      count(++scanned.values)
    } else if (first === ']' || first === '}') flow = Math.max(0, flow - 1)
    else if (first === '#') scanned.comments.push({ text: lexeme, offset, line, alone })
    else if (first === '*' && ++scanned.aliases > limits.aliases) {
      refuse(
        'too-many-aliases',
        `is the ${scanned.aliases}th alias of the file; the limit is ${limits.aliases}`,
      )
    } else if (first === ',' || isIndicator) count(++separators)
    if (columns.length + flow + depthAbove > limits.depth) {
      refuse('too-deep', `is nested deeper than ${limits.depth} levels`)
    }
    if (!isBlank || first === '#') alone = false
    for (let at = lexeme.indexOf('\n'); at >= 0; at = lexeme.indexOf('\n', at + 1)) {
      line++
      lineStart = offset + at + 1
      fresh = alone = true
    }
    offset += lexeme.length
  }
  return scanned
}

/** @throws UserError `too-large`, `not-utf8` */
export function sized(file: string, bytes: Uint8Array): string {
  if (bytes.length > limits.bytes) {
    const sentence = `${file} has ${bytes.length} bytes; the limit is ${limits.bytes}.`
    throw new UserError('too-large', sentence, 'Take it out of "files", or split it.')
  }
  return decode(file, bytes)
}

/** @throws UserError `not-utf8` */
export function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    const remedy = 'Save the file as UTF-8, or take it out of "files".'
    throw new UserError('not-utf8', `${file} is not valid UTF-8.`, remedy, { cause })
  }
}
