// `${{ }}` by GitHub's own expression engine.
import { createHash } from 'node:crypto'
import { closeSync, globSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import type { Conclusion } from './types.ts'

export type Contexts = Readonly<Record<string, unknown>>
/** How things stand when a condition is asked. */
export interface Standing {
  status: Conclusion
  /** For `hashFiles`. */
  workspace?: string
}

const STATUS: Record<string, (status: Conclusion) => boolean> = {
  success: status => status === 'success',
  failure: status => status === 'failure',
  cancelled: status => status === 'cancelled',
  always: () => true,
}

/** The value of one expression, as JSON data. Thrown: Error with the expression. */
export function evaluate(expression: string, contexts: Contexts, standing: Standing): unknown {
  const functions = [
    ...Object.entries(STATUS).map(([name, is]) => ({
      name,
      minArgs: 0,
      maxArgs: 0,
      call: () => new data.BooleanData(is(standing.status)),
    })),
    {
      name: 'hashFiles',
      minArgs: 1,
      maxArgs: 255,
      call: (...patterns: { coerceString(): string }[]) =>
        new data.StringData(
          hashFiles(
            patterns.map(one => one.coerceString()),
            standing.workspace,
          ),
        ),
    },
  ]
  try {
    const { tokens } = new Lexer(expression).lex()
    const tree = new Parser(tokens, Object.keys(contexts), functions).parse()
    const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary // oxlint-disable-line no-unsafe-type-assertion -- an object becomes a dictionary
    const found = new Evaluator(
      tree,
      values,
      new Map(functions.map(one => [one.name.toLowerCase(), one])),
    ).evaluate()
    return JSON.parse(JSON.stringify(found, data.replacer)) as unknown
  } catch (cause) {
    throw new Error(`The expression \${{ ${expression.trim()} }} cannot be evaluated: ${String(cause)}`, {
      cause,
    })
  }
}

/** A text with its expressions; one that is nothing but an expression keeps its type. */
export function interpolate(text: string, contexts: Contexts, standing: Standing): unknown {
  const parts = [...text.matchAll(/\$\{\{((?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*)\}\}/g)]
  const [only] = parts
  if (only !== undefined && only[0] === text.trim()) return evaluate(only[1] ?? '', contexts, standing)
  return parts.reduceRight(
    (result, part) =>
      result.slice(0, part.index) +
      asText(evaluate(part[1] ?? '', contexts, standing)) +
      result.slice(part.index + part[0].length),
    text,
  )
}

/** As the runner writes a value into a text. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'object' ? (Array.isArray(value) ? 'Array' : 'Object') : JSON.stringify(value)
}

/** A condition; without a status function, `success()` is meant too. */
export function holds(
  condition: string | boolean | undefined,
  contexts: Contexts,
  standing: Standing,
): boolean {
  const text = String(condition ?? 'success()')
    .trim()
    .replace(/^\$\{\{([^]*)\}\}$/, '$1')
  const asksStatus = /\b(?:success|failure|cancelled|always)\s*\(/.test(text.replace(/'(?:[^']|'')*'/g, ''))
  if (!asksStatus && standing.status !== 'success') return false
  const value = evaluate(text, contexts, standing)
  return value !== null && value !== false && value !== 0 && value !== ''
}

/** SHA-256 over the digests of the files, in the order of their names; `!` at the start leaves out. */
function hashFiles(patterns: readonly string[], workspace = process.cwd()): string {
  const [kept, left] = [
    patterns.filter(one => !one.startsWith('!')),
    patterns.filter(one => one.startsWith('!')),
  ]
  const files = globSync([...kept], { cwd: workspace, exclude: left.map(one => one.slice(1)) })
    .map(file => join(workspace, file))
    .filter(file => statSync(file).isFile())
    .sort()
  if (files.length === 0) return ''
  const hash = createHash('sha256')
  for (const file of files) hash.update(digestOf(file))
  return hash.digest('hex')
}

/** Piece by piece: an expression is evaluated at once, and files may be large. */
function digestOf(file: string): Buffer {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(64 * 1024)
  const descriptor = openSync(file, 'r')
  try {
    for (let size = readSync(descriptor, piece); size > 0; size = readSync(descriptor, piece))
      hash.update(piece.subarray(0, size))
  } finally {
    closeSync(descriptor)
  }
  return hash.digest()
}
