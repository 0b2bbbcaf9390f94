// `npm run bench [-- name …]`: measures, and prints tables in Markdown. Nothing depends on the figures.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../test/bench/bench.ts'
import { root } from './actions.ts'

const directory = join(root, 'test', 'bench')
const known = readdirSync(directory)
  .map(file => file.replace(/\.ts$/, ''))
  .filter(name => name !== 'bench')
const names = process.argv.length > 2 ? process.argv.slice(2) : known
const wrong = names.find(name => !known.includes(name))
if (wrong !== undefined) {
  console.error(`There is no bench ${JSON.stringify(wrong)}. Write one of: ${known.join(', ')}.`)
  process.exit(2)
}

const line = (cells: readonly unknown[]) =>
  `| ${cells.map(cell => (typeof cell === 'boolean' ? (cell ? 'yes' : '**no**') : String(cell))).join(' | ')} |`
for (const name of names) {
  const { bench }: { bench: Bench } = await import(join(directory, `${name}.ts`))
  const { columns, rows, notes = [] } = await bench.run()
  const lines = [columns, columns.map(() => '---'), ...rows].map(line)
  console.log(`\n### ${bench.title}\n\n${lines.join('\n')}\n\n${notes.join('\n')}`)
}
