// Reads JSON with positions; comments and trailing commas as in JSONC. Values that follow one another are documents.
import { Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import { spellString } from '../scalar-text.ts'
import { Cursor } from './cursor.ts'
import {
  Expression,
  keyNode,
  listNode,
  literalNode,
  mapNode,
  placed,
  stringNode,
  Unspeakable,
  type Spelling,
} from './nodes.ts'
import type { Reader } from './reader.ts'

const spelling: Spelling = {
  name: 'JSON',
  literal: /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/,
  quote: text => spellString(text, { flow: true, json: true }),
}

const mostDocuments = 1000

/** RFC 8259, and what editors call JSON with comments. */
export const readJson: Reader = text => read(text, spelling, () => false)

/** Terraform's JSON: a string with `${` or `%{` is a template. */
export const readTerraformJson: Reader = text =>
  read(text, { ...spelling, template, quote: quoteOutsideTemplates }, decoded => template.test(decoded))

const template = /[$%]\{/

function quoteOutsideTemplates(text: string): string {
  if (template.test(text)) throw new Unspeakable('it would be read as a template')
  return spelling.quote(text, '')
}

function read(text: string, own: Spelling, isTemplate: (decoded: string) => boolean): ReturnType<Reader> {
  const cursor = new Cursor(text)
  const documents: (YAMLMap | YAMLSeq | Scalar)[] = []
  for (skipBlank(cursor); !cursor.isAtEnd; skipBlank(cursor)) {
    if (documents.length === mostDocuments) cursor.fail(`it has more than ${mostDocuments} documents`)
    documents.push(value())
  }
  return { documents, remarks: cursor.remarks }

  function value(): YAMLMap | YAMLSeq | Scalar {
    cursor.counted()
    const start = cursor.at
    if (cursor.took('{')) return cursor.nested(() => mapNode(members('}', member), [start, cursor.at]))
    if (cursor.took('[')) return cursor.nested(() => listNode(members(']', value), [start, cursor.at]))
    if (cursor.next === '"') {
      const decoded = quoted(cursor)
      const span = [start, cursor.at] as const
      if (isTemplate(decoded)) return placed(new Expression('a template', text.slice(...span)), span)
      return stringNode(own, text, span, decoded)
    }
    const word = cursor.match(/[-+.\w]+/y)
    if (word === undefined || !spelling.literal.test(word)) {
      cursor.at = start
      cursor.fail('a value is missing')
    }
    return literalNode(own, text, [start, cursor.at])
  }

  function member(): Pair {
    const start = cursor.at
    if (cursor.next !== '"') cursor.fail('a key in double quotes is missing')
    const key = keyNode(quoted(cursor), [start, cursor.at])
    skipBlank(cursor)
    cursor.expect(':')
    skipBlank(cursor)
    return new Pair(key, value())
  }

  function members<Member>(closer: string, one: () => Member): Member[] {
    const found: Member[] = []
    for (skipBlank(cursor); !cursor.took(closer); skipBlank(cursor)) {
      found.push(one())
      skipBlank(cursor)
      if (!cursor.took(',') && cursor.next !== closer) cursor.fail(`"," or "${closer}" is missing`)
    }
    return found
  }
}

function quoted(cursor: Cursor): string {
  const start = cursor.at
  cursor.at++
  do {
    // eslint-disable-next-line no-control-regex
    cursor.match(/[^"\\\0-\x1f]+/y)
  } while (cursor.match(/\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y) !== undefined)
  if (!cursor.took('"')) cursor.fail('a string has no end, or an escape that JSON does not know')
  return String(JSON.parse(cursor.text.slice(start, cursor.at)))
}

function skipBlank(cursor: Cursor): void {
  for (;;) {
    cursor.match(/[ \t\r\n]+/y)
    if (cursor.sees('//')) cursor.lineComment('//')
    else if (cursor.sees('/*')) cursor.blockComment()
    else return
  }
}
