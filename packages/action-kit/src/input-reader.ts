// The values that a user wrote, read as what they mean, and refused in the user's words.
import { isAbsolute, relative, resolve } from 'node:path'
import type { InputRule, InputTable } from './types.ts'
import { UserError } from './user-error.ts'

/** Reads inputs by their names in action.yml; a name that the table lacks is a bug. Thrown: UserError. */
export interface InputReader {
  /** Trimmed; empty where nothing was given and there is no default. */
  text(name: string): string
  /** Exactly as it came. */
  raw(name: string): string
  /** One line: refuses CR, LF and NUL, for what goes into a header, a ref or a commit message. */
  singleLine(name: string): string
  /** One item per line; blank lines and lines that start with `#` do not count. `commas`: they separate too. */
  list(name: string, options?: { commas?: boolean }): string[]
  /** `true` or `false` in any case; empty is the default. */
  boolean(name: string): boolean
  /** Milliseconds, of `90s`, `5m`, `1h30m`, or bare seconds; empty is the default. */
  duration(name: string): number
  /** One of `values`; empty is the default. */
  oneOf<const T extends string>(name: string, values: readonly T[]): T
  /** A whole number within the limits; undefined where empty. */
  integer(name: string, limits?: { min?: number; max?: number }): number | undefined
  /** Undefined where empty. */
  json(name: string): unknown
  /** Absolute path inside the workspace, which it must not leave. */
  path(name: string): string
  /** Is there a value other than the default? */
  given(name: string): boolean
}

/** @param values by name, as the user or action.yml gave them; a missing one takes the default of the table */
export function createInputReader(
  table: InputTable,
  values: Readonly<Record<string, string>>,
  workspace: string,
): InputReader {
  const rule = (name: string): InputRule => {
    const found = table[name]
    if (found === undefined) throw new Error(`There is no input ${JSON.stringify(name)} in the table.`)
    return found
  }
  // The runner evaluates an expression before we see it; elsewhere it means nothing.
  const fallback = (name: string) => (rule(name).default ?? '').replace(/^\$\{\{.*\}\}$/, '')
  const raw = (name: string) => values[name] ?? fallback(name)
  const text = (name: string) => raw(name).trim()
  const filled = (name: string) => text(name) || fallback(name).trim()

  const reader: InputReader = {
    text,
    raw,
    singleLine: name => {
      const value = text(name)
      if (/[\r\n\0]/.test(value)) {
        throw new UserError('bad-value', `"${name}" has more than one line.`, 'Write it on a single line.')
      }
      return value
    },
    list: (name, { commas = false } = {}) =>
      text(name)
        .split(/\r?\n/)
        .filter(line => !line.trim().startsWith('#'))
        .flatMap(line => (commas ? line.split(',') : [line]))
        .map(item => item.trim())
        .filter(item => item !== ''),
    boolean: name => {
      const value = filled(name).toLowerCase()
      if (value === 'true' || value === 'false') return value === 'true'
      throw new UserError('bad-boolean', `${shown(name, text(name))}.`, 'Write true or false.')
    },
    duration: name => parseDuration(name, filled(name)),
    oneOf: (name, choices) => {
      const value = filled(name)
      const found = choices.find(choice => choice === value.toLowerCase())
      if (found !== undefined) return found
      throw new UserError('bad-value', `${shown(name, value)}.`, `Write one of: ${choices.join(', ')}.`)
    },
    integer: (name, { min = -Infinity, max = Infinity } = {}) => {
      const value = filled(name)
      if (value === '') return undefined
      const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN
      if (number >= min && number <= max) return number
      const range = [min > -Infinity ? `from ${min}` : '', max < Infinity ? `up to ${max}` : '']
        .join(' ')
        .trim()
      throw new UserError(
        'bad-number',
        `${shown(name, value)}.`,
        `Write a whole number${range && ` ${range}`}.`,
      )
    },
    json: name => {
      if (text(name) === '') return undefined
      try {
        return JSON.parse(text(name)) as unknown
      } catch (cause) {
        throw new UserError('bad-json', `"${name}" is not valid JSON.`, 'Check its quotes and commas.', {
          cause,
        })
      }
    },
    path: name => {
      const value = filled(name)
      const absolute = resolve(workspace, value)
      const inside = relative(workspace, absolute)
      if (inside !== '..' && !/^\.\.[\\/]/.test(inside) && !isAbsolute(inside) && !value.includes('\0'))
        return absolute
      const sentence = `${shown(name, value)}, which is outside the workspace.`
      throw new UserError('outside-workspace', sentence, 'Write a path relative to the workspace.')
    },
    given: name => text(name) !== '' && text(name) !== fallback(name).trim(),
  }
  return reader
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

function parseDuration(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const parts = [...value.matchAll(/(\d{1,9}(?:\.\d{1,3})?)(ms|[hms])/g)]
  if (value === '' || parts.map(part => part[0]).join('') !== value) {
    const remedy = 'Write a number and a unit, such as 90s, 5m or 1h30m.'
    throw new UserError('bad-duration', `${shown(name, value)}.`, remedy)
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0)
}

/** The head of a sentence; a long value is cut, for it may be a whole file. */
export function shown(name: string, value: string): string {
  const cut = value.length > 100 ? `${value.slice(0, 100)}…` : value
  return value === '' ? `"${name}" is empty` : `"${name}" is ${JSON.stringify(cut)}`
}
