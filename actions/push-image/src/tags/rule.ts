// One line of `tags`, in the syntax of docker/metadata-action: `type=…,key=value,…`, or a bare word. Pure.
import { UserError } from '@gitops-relay/action-kit/user-error'

/** Kinds, the priority of each, and the keys that it knows beside those of all. */
const KINDS = {
  schedule: { priority: 1000, keys: ['pattern'] },
  semver: { priority: 900, keys: ['pattern', 'value', 'match'] },
  pep440: { priority: 900, keys: ['pattern', 'value', 'match'] },
  match: { priority: 800, keys: ['pattern', 'group', 'value'] },
  edge: { priority: 700, keys: ['branch'] },
  ref: { priority: 600, keys: ['event'] },
  raw: { priority: 200, keys: ['value'] },
  sha: { priority: 100, keys: ['format'] },
} as const
export type Kind = keyof typeof KINDS

const COMMON = ['enable', 'priority', 'prefix', 'suffix']
const CHOICES: Record<string, readonly string[]> = {
  event: ['branch', 'tag', 'pr'],
  format: ['short', 'long'],
}
const NEEDED: Partial<Record<Kind, string>> = {
  semver: 'pattern',
  pep440: 'pattern',
  match: 'pattern',
  ref: 'event',
  raw: 'value',
}

export interface TagRule {
  /** As written, for people. */
  line: string
  kind: Kind
  /** Higher comes first. */
  priority: number
  fields: ReadonlyMap<string, string>
}

/** @throws UserError `bad-tags` */
export function readRule(line: string): TagRule {
  const fields = readFields(line)
  const kind = fields.get('type') ?? 'raw'
  if (!isKind(kind))
    throw bad(line, `has no type that there is`, `Write one of: ${Object.keys(KINDS).join(', ')}.`)
  fields.delete('type')
  const known = [...COMMON, ...KINDS[kind].keys]
  for (const [key, value] of fields) {
    if (!known.includes(key)) throw bad(line, `has "${key}"`, `Write one of: ${known.join(', ')}.`)
    const choices = CHOICES[key]
    if (choices !== undefined && !choices.includes(value))
      throw bad(line, `has ${key}=${value}`, `Write one of: ${choices.join(', ')}.`)
  }
  const needed = NEEDED[kind]
  if (needed !== undefined && !fields.has(needed)) throw bad(line, `lacks "${needed}"`, `Add ${needed}=…`)
  const priority = fields.get('priority') ?? String(KINDS[kind].priority)
  if (!/^-?\d{1,6}$/.test(priority)) throw bad(line, `has priority=${priority}`, 'Write a whole number.')
  return { line, kind, priority: Number(priority), fields }
}

/** `key=value` between commas, as CSV: a field in double quotes may hold commas. A bare word is the value. */
function readFields(line: string): Map<string, string> {
  const fields = line.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? []
  return new Map(
    fields.map((field): [string, string] => {
      const text = field
        .trim()
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll('""', '"')
      const at = text.indexOf('=')
      return at < 0 ? ['value', text] : [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()]
    }),
  )
}

const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text)

export const bad = (line: string, what: string, remedy: string) =>
  new UserError('bad-tags', `The line ${JSON.stringify(line)} of "tags" ${what}.`, remedy)
