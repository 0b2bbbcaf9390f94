// Which formats are known, by file name, and who reads them.
import { Document, type YAMLMap, type YAMLSeq, type Scalar } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Comment } from '../manifest.ts'
import { Unreadable, type Remark } from './cursor.ts'
import { readHcl } from './hcl.ts'
import { readJson, readTerraformJson } from './jsonc.ts'
import { readToml } from './toml.ts'

/** Reads a whole text in time linear to its length; throws `Unreadable`. */
export type Reader = (text: string) => {
  /** Top-level nodes of `yaml` with ranges, whose scalars are `Spelled` or `Expression`. */
  documents: (YAMLMap | YAMLSeq | Scalar)[]
  remarks: Remark[]
}

export type Format = 'json' | 'terraform-json' | 'hcl' | 'toml'

const readers: Record<Format, { name: string; files: RegExp; read: Reader }> = {
  'terraform-json': { name: 'JSON', files: /\.(?:tf|tofu|tftest|hcl)\.json$/i, read: readTerraformJson },
  json: { name: 'JSON', files: /\.jsonc?$/i, read: readJson },
  hcl: { name: 'HCL', files: /\.(?:tf|tofu|tfvars|hcl|nomad)$/i, read: readHcl },
  toml: { name: 'TOML', files: /\.toml$/i, read: readToml },
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(readers, name)
}

/** The format of a file by its name. */
export function formatByName(file: string): Format | undefined {
  return Object.keys(readers)
    .filter(isFormat)
    .find(format => readers[format].files.test(file))
}

/** @throws UserError `unreadable`, `too-deep` */
export function readText(
  file: string,
  text: string,
  format: Format,
  lineOf: (offset: number) => number,
): { documents: Document.Parsed[]; comments: Comment[] } {
  const { documents, remarks } = readOrRefuse(file, text, format, lineOf)
  return {
    documents: documents.map(
      contents => Object.assign(new Document(), { contents }) as Document.Parsed, // oxlint-disable-line no-unsafe-type-assertion -- its nodes have ranges
    ),
    comments: commentsOf(text, remarks, lineOf),
  }
}

/** Looks at each line once, however many comments it has. */
function commentsOf(text: string, remarks: readonly Remark[], lineOf: (offset: number) => number): Comment[] {
  let [end, first] = [-1, 0]
  return remarks.map(({ text: words, offset }) => {
    while (end < offset && end < text.length) {
      first = firstSign(text, end + 1)
      const next = text.indexOf('\n', end + 1)
      end = next < 0 ? text.length : next
    }
    return { text: words, offset, line: lineOf(offset), alone: offset <= first }
  })
}

/** Where a line's first sign stands; in a block comment, the first one behind its opening. */
function firstSign(text: string, lineStart: number): number {
  const blank = /[\ufeff \t\r]*(?:\/\*)?/y
  blank.lastIndex = lineStart
  return lineStart + (blank.exec(text)?.[0].length ?? 0)
}

function readOrRefuse(file: string, text: string, format: Format, lineOf: (offset: number) => number) {
  try {
    return readers[format].read(text)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const sentence = `${file}:${lineOf(error.offset)} cannot be read as ${readers[format].name}: ${error.message}.`
    throw new UserError(error.code, sentence, 'Mend the file, or take it out of "files".', { cause: error })
  }
}
