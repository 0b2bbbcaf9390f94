// Looks at bytes before any parser does, in time linear to their number, and refuses what could hurt it.
import { Lexer } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'

export const limits = { bytes: 5_000_000, depth: 64, aliases: 100 }

/**
 * The text of a manifest, its byte order mark included.
 *
 * @throws UserError `too-large`, `not-utf8`, `too-deep`, `too-many-aliases`
 */
export function prescan(file: string, bytes: Uint8Array): string {
  const text = sized(file, bytes)
  let aliases = 0
  for (const { token, line, depth } of tokens(text)) {
    if (depth > limits.depth) {
      const sentence = `${file}:${line} is nested deeper than ${limits.depth} levels.`
      throw new UserError('too-deep', sentence, 'Take the file out of "files".')
    }
    if (token.startsWith('*') && ++aliases > limits.aliases) {
      const sentence = `${file}:${line} is the ${aliases}th alias of the file; the limit is ${limits.aliases}.`
      throw new UserError('too-many-aliases', sentence, 'Take the file out of "files".')
    }
  }
  return text
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

interface Token {
  /** Empty for the content of a plain or block scalar. */
  token: string
  offset: number
  line: number
  depth: number
}

/** Lexer's marks of no width: a document begins, a flow collection ended too early, a scalar follows. */
const marks = new Set(['\x02', '\x18', '\x1f'])

/** What the lexer sees, with its place and how deep it is nested: open brackets and, between them, columns of block collections. */
export function* tokens(text: string): Generator<Token> {
  const columns: number[] = []
  let [offset, line, lineStart, flow, scalar, fresh] = [0, 1, 0, 0, false, true]
  for (const token of new Lexer().lex(text)) {
    if (marks.has(token)) {
      if (token === '\x02') columns.length = 0
      scalar = token === '\x1f'
      continue
    }
    const blank = !scalar && /^[\s\ufeff#]/.test(token)
    const indicator = !scalar && (token === '-' || token === '?')
    if (flow === 0 && !blank && (fresh || indicator)) {
      const column = offset - lineStart
      while (columns.length > 0 && (columns.at(-1) ?? 0) >= column) columns.pop()
      columns.push(column)
      fresh = indicator
    }
    if (!scalar && (token === '[' || token === '{')) flow++
    if (!scalar && (token === ']' || token === '}')) flow = Math.max(0, flow - 1)
    yield { token: scalar ? '' : token, offset, line, depth: columns.length + flow }
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) {
      line++
      lineStart = offset + at + 1
      fresh = true
    }
    offset += token.length
    scalar = false
  }
}
