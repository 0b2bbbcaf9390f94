// Writes what is generated into the documents: tables of inputs and outputs from each action.yml, and the comparison of waits.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from '../test/compare/waits.ts'
import { actionNames, readActionMetadata, root, type ActionMetadata } from './actions.ts'

/** The README with its tables as action.yml says. A missing marker is an error. */
export function withTables(readme: string, { inputs, outputs }: ActionMetadata): string {
  const inputRows = Object.entries(inputs).map(([name, { description, default: value = '', required }]) => {
    const shown = value === '' ? (required ? '**required**' : '') : `\`${value}\``
    return [`\`${name}\``, shown, description]
  })
  const outputRows = Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description])
  const filled = between(readme, 'inputs', markdownTable(['input', 'default', 'meaning'], inputRows))
  return between(filled, 'outputs', markdownTable(['output', 'meaning'], outputRows))
}

function between(text: string, marker: string, content: string): string {
  const [start, end] = [`<!-- ${marker}:start -->`, `<!-- ${marker}:end -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The README has no ${start} … ${end}.`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n${text.slice(to)}`
}

const markdownTable = (header: string[], rows: string[][]) =>
  [header, header.map(() => '---'), ...rows].map(tableLine).join('')

const tableLine = (cells: string[]) =>
  `| ${cells
    .map(cell =>
      cell
        .trim()
        .replace(/\s*\n\s*/g, ' ')
        .replaceAll('|', '\\|'),
    )
    .join(' | ')} |\n`

export const comparisonPath = join(root, 'docs', 'waits-compared.md')

/** The page with what the recordings give. */
export const withComparison = (page: string): string =>
  between(between(page, 'argocd', table('argocd')), 'flux', table('flux'))

export const readmeOf = (name: string) => join(root, 'actions', name, 'README.md')

if (import.meta.main) {
  for (const name of actionNames) {
    const path = readmeOf(name)
    writeFileSync(path, withTables(readFileSync(path, 'utf8'), readActionMetadata(name)))
  }
  writeFileSync(comparisonPath, withComparison(readFileSync(comparisonPath, 'utf8')))
}
