// Reads a JSON list of documents and prints the type and the text of each key's value, by the parser that is named.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'

const [name = '', directory = ''] = process.argv.slice(2)
const parsers: Record<string, () => (document: string) => unknown> = {
  'yaml-1.1': () => document => parse(document, { version: '1.1' }),
  'yaml-1.2': () => document => parse(document, { version: '1.2' }),
  'js-yaml': () => {
    const required: unknown = createRequire(join(directory, 'package.json'))('js-yaml')
    const { load } = required as { load: (document: string) => unknown } // oxlint-disable-line no-unsafe-type-assertion
    return load
  },
}
const parser = parsers[name]?.()
if (parser === undefined) throw new Error(`There is no parser ${JSON.stringify(name)}.`)

const documents = JSON.parse(await text(process.stdin)) as string[] // oxlint-disable-line no-unsafe-type-assertion
const answers = documents.map(document => {
  try {
    const values = Object.entries(Object(parser(document)) as object) // oxlint-disable-line no-unsafe-type-assertion
    return { value: Object.fromEntries(values.map(([key, value]) => [key, [typeof value, String(value)]])) }
  } catch (error) {
    return { error: String(error) }
  }
})
console.log(JSON.stringify(answers))
