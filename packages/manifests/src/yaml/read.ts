// Reads YAML: large block style quickly, everything else with a whole parser, and templates with their actions masked.
import { Composer, Parser, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { prescan, type Scanned } from '../prescan.ts'
import { readBlockStyle, type Read } from './block-style.ts'
import { readLines } from './lines.ts'
import { isTemplate, maskActions } from './template.ts'

/** UTF-16 units from which reading quickly is worth it. */
const large = 100_000

/** @throws UserError `unreadable` and those of `prescan` */
export function readYaml(file: string, text: string, lineOf: (offset: number) => number): Read {
  const quick = text.length < large ? undefined : readBlockStyle(text, readWhole)
  if (quick !== undefined) return quick
  const read = parse(prescan(file, text))
  if (read.error === undefined) return read
  if (isTemplate(text)) {
    const masked = maskActions(text)
    const template = parse(prescan(file, masked))
    return template.error === undefined ? template : readLines(masked)
  }
  const { message, pos } = read.error
  const sentence = `${file}:${lineOf(pos[0])} cannot be read as YAML: ${message.replace(/\.?$/, '.')}`
  throw new UserError('unreadable', sentence, 'Mend the file, or take it out of "files".')
}

/** `undefined` for what has errors or aliases. */
export function readWhole(text: string, depth: number): Read | undefined {
  const scanned = prescan('', text, depth)
  const read = scanned.aliases > 0 ? undefined : parse(scanned)
  return read?.error === undefined ? read : undefined
}

function parse({ lexemes, comments }: Scanned) {
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent', prettyErrors: false })
  const documents = [...composer.compose(cst(lexemes), false)] as Document.Parsed[]
  return { documents, comments, error: documents.flatMap(({ errors }) => errors)[0] }
}

/** Ends early where nothing is YAML: an error costs more than a value. */
function* cst(lexemes: readonly string[]) {
  const parser = new Parser()
  let errors = 0
  for (const lexeme of lexemes) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && ++errors > 10) return
      yield token
    }
  }
  yield* parser.end()
}
