// Files that are made to hurt: how long a bump holds on to each, and how long a YAML library alone does.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { editManifest, type Update } from '@gitops-relay/manifests'
import type { Bench } from './bench.ts'

const LIMIT = 4_900_000
const PATIENCE = 20_000

const filled = (line: string, bytes = LIMIT) => line.repeat(Math.floor(bytes / line.length))
const numbered = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

const strings = (count: number) =>
  `kind: ConfigMap\ndata:\n${numbered(count, index => ` k${index}.yaml: |\n  image: shop:v1\n  b: 1\n`)}`

/** Each has `a: 1` or the image `shop:v1`, at the limits of what is read or above. */
const files: [name: string, file: string, text: string][] = [
  ['brackets, 60 deep', 'x.yaml', `a: 1\nb: [${filled(`${'['.repeat(60)}${']'.repeat(60)},`)}]\n`],
  ['a flow list of 149,000', 'x.yaml', `a: 1\nb: [${'x,'.repeat(149_000)}]\n`],
  ['a block list of 490,000', 'x.yaml', `a: 1\nb:\n${'- x\n'.repeat(490_000)}`],
  ['a map of 240,000 keys', 'x.yaml', `a: 1\n${numbered(240_000, index => `k${index}: v\n`)}`],
  ['the same key 240,000 times', 'x.yaml', `a: 1\n${'b: 1\n'.repeat(240_000)}`],
  ['lists in lists', 'x.yaml', `a: 1\nb:\n${` ${'- '.repeat(60)}x\n`.repeat(8000)}`],
  ['200,000 anchors', 'x.yaml', `a: 1\nb:\n${numbered(200_000, index => `- &a${index} x\n`)}`],
  ['tags', 'x.yaml', `a: 1\nb:\n${filled('- !t x\n')}`],
  ['documents', 'x.yaml', `a: 1\n${filled('---\nb: 1\n')}`],
  ['folded text', 'x.yaml', `a: 1\nb: >\n${filled(' x\n\n')}`],
  ['escapes', 'x.yaml', `a: 1\nb: "${filled('\\x41')}"\n`],
  ['comments', 'x.yaml', `a: 1\n${filled('# x\n')}`],
  ['no YAML at all', 'x.yaml', `a: 1\n${filled('] ')}`],
  ['20,000 places', 'x.yaml', '- image: shop:v1\n'.repeat(20_000)],
  ['290,000 places', 'x.yaml', filled('- image: shop:v1\n')],
  ['manifests in 10,000 strings', 'x.yaml', strings(10_000)],
  ['manifests in 60,000 strings', 'x.yaml', strings(60_000)],
  ['JSON', 'x.json', `{"a": 1, "b": [${'{"c":1},'.repeat(240_000)}1]}`],
  ['TOML', 'x.toml', `a = 1\n${numbered(240_000, index => `k${index} = 1\n`)}`],
  ['HCL', 'x.tf', `a = 1\n${'b "x" {\n c = "y"\n}\n'.repeat(150_000)}`],
]

const ask = (text: string): Update =>
  text.includes('shop:v1')
    ? { kind: 'image', repository: 'shop', tag: 'v2' }
    : { kind: 'value', path: 'a', value: { kind: 'as-found', text: '2' } }

/** Seconds of one core, whatever else the machine does. */
function ours(file: string, text: string): readonly [seconds: number, outcome: string] {
  const bytes = new TextEncoder().encode(text)
  const begin = process.cpuUsage()
  const outcome = (() => {
    try {
      return `${editManifest(file, bytes, [ask(text)], 0).edits.length.toLocaleString('en')} written`
    } catch (error) {
      if (error instanceof UserError) return error.code
      throw error
    }
  })()
  const { user, system } = process.cpuUsage(begin)
  return [(user + system) / 1e6, outcome]
}

function byLibrary(text: string): string {
  const script = `
    const { parseAllDocuments } = require(${JSON.stringify(createRequire(import.meta.url).resolve('yaml'))})
    const text = require('node:fs').readFileSync(0, 'utf8')
    const begin = process.cpuUsage()
    parseAllDocuments(text).forEach(document => document.toString())
    const { user, system } = process.cpuUsage(begin)
    console.log(((user + system) / 1e6).toFixed(2) + ' s')
  `
  const { signal, status, stdout } = spawnSync(process.execPath, ['-e', script], {
    input: text,
    timeout: PATIENCE,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  if (signal === 'SIGTERM') return `over ${PATIENCE / 1000} s`
  return signal !== null ? 'aborted' : status === 0 ? stdout.trim() : 'error'
}

export const bench: Bench = {
  title: 'Hostile files',
  run() {
    ours('x.yaml', 'a: 1\n')
    const rows = files.map(([name, file, text]) => {
      const [seconds, outcome] = ours(file, text)
      const library = file === 'x.yaml' ? byLibrary(text) : ''
      return [name, `${(text.length / 1e6).toFixed(1)} MB`, `${seconds.toFixed(2)} s`, outcome, library]
    })
    return Promise.resolve({
      columns: ['file', 'size', 'bump-manifest', 'outcome', 'yaml, read and print'],
      rows,
      notes: ['Seconds of processor time, everything but the start of a process.'],
    })
  },
}
