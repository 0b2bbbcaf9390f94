// Reads YAML: large block style quickly, everything else with a whole parser, and templates with their actions masked.
import { Composer, Parser, type Document } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { limits, prescan, type Scanned } from '../prescan.ts'
import { readBlockStyle, type Read, type ReadEntry } from './block-style.ts'
import { readLines } from './lines.ts'
import { isTemplate, maskActions } from './template.ts'

/** UTF-16 units from which reading quickly is worth it. */
const large = 100_000

/** @throws UserError `unreadable` and those of `prescan` */
export function readYaml(file: string, text: string, lineOf: (offset: number) => number): Read {
  const quick = text.length < large ? undefined : readBlockStyle(text, createEntryReader())
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

/** Reads one entry after another as long as all are no more than one file may have; `undefined` for errors and aliases, too. */
export function createEntryReader(): ReadEntry {
  let values = 0
  return (text, depth) => {
    const scanned = scan(text, depth)
    // To start the parser costs as much as some values.
    values += 5 + (scanned?.values ?? 0)
    if (scanned === undefined || scanned.aliases > 0 || values > limits.parsed) return undefined
    const read = parse(scanned)
    return read.error === undefined ? read : undefined
  }
}

/** What is refused here is told of with its place in the file, once all of it is looked at. */
function scan(text: string, depth: number): Scanned | undefined {
  try {
    return prescan('', text, depth)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
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
