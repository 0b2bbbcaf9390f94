// What each kind of rule makes of an event. Pure.
import { bad, type Kind, type TagRule } from './rule.ts'
import { fill, type TagFacts } from './placeholders.ts'
import type { Rank } from './tags.ts'
import { isOutdone, readPep440, readSemver, type Version } from './version.ts'

export interface Value {
  name: string
  rank: Rank
  /** Does `latest` come with it, where nobody says otherwise? */
  isLatest: boolean
}

/** Undefined: the rule is for other events. Thrown: UserError `bad-tags`. */
export const valueOf = (rule: TagRule, facts: TagFacts): Value | undefined => MAKERS[rule.kind](rule, facts)

type Maker = (rule: TagRule, facts: TagFacts) => Value | undefined
const moving = (name: string): Value => ({ name, rank: 'moving', isLatest: false })

const MAKERS: Record<Kind, Maker> = {
  schedule: ({ fields }, { event }) =>
    event === 'schedule' ? moving(fields.get('pattern') ?? 'nightly') : undefined,
  semver: (rule, facts) => versionTag(rule, facts, readSemver),
  pep440: (rule, facts) => versionTag(rule, facts, readPep440),
  match: matchTag,
  edge({ fields }, { refType, refName, pullRequest, defaultBranch }) {
    const branch = fields.get('branch') || defaultBranch
    const isOn = refType === 'branch' && pullRequest === undefined && refName === branch
    return isOn ? moving('edge') : undefined
  },
  ref({ fields }, { refType, refName, pullRequest }) {
    const event = fields.get('event')
    if (event === 'pr') return pullRequest === undefined ? undefined : moving(String(pullRequest))
    if (refType !== event || pullRequest !== undefined) return undefined
    return { name: refName, rank: event === 'tag' ? 'raw' : 'moving', isLatest: false }
  },
  raw({ fields }) {
    const name = fields.get('value') ?? ''
    return { name, rank: name === 'latest' ? 'moving' : 'raw', isLatest: false }
  },
  sha({ fields }, { sourceCommit }) {
    if (sourceCommit === '') return undefined
    const name = fields.get('format') === 'long' ? sourceCommit : sourceCommit.slice(0, 7)
    return { name, rank: 'sha', isLatest: false }
  },
}

const refusing =
  ({ line }: TagRule) =>
  (what: string, remedy: string) =>
    bad(line, what, remedy)

/** `value`, or else the tag that was pushed. */
function subject(rule: TagRule, facts: TagFacts): string | undefined {
  const value = fill(rule.fields.get('value') ?? '', facts, refusing(rule))
  return value || (facts.refType === 'tag' ? facts.refName : undefined)
}

function versionTag(
  rule: TagRule,
  facts: TagFacts,
  read: (text: string) => Version | undefined,
): Value | undefined {
  const text = subject(rule, facts)
  const match = rule.fields.get('match')
  const raw = text === undefined || match === undefined ? text : found(rule, match, text)?.at(-1)
  const version = raw === undefined ? undefined : read(raw)
  if (raw === undefined || version === undefined) return undefined
  const given = rule.fields.get('pattern') ?? ''
  // Of what is no release, nothing shorter may be moved.
  const isRaw = /^\{\{\s*raw\s*\}\}$/.test(given)
  const pattern = version.isRelease || isRaw ? given : '{{version}}'
  const { isRelease, ...parts } = version
  return {
    name: fill(pattern, facts, refusing(rule), { raw, ...parts }),
    rank: /\{\{\s*(?:raw|version|patch)\s*\}\}/.test(pattern) ? 'version' : 'moving',
    isLatest: isRelease && !isOutdone(version, facts.versions),
  }
}

function matchTag(rule: TagRule, facts: TagFacts): Value | undefined {
  const text = subject(rule, facts)
  if (text === undefined) return undefined
  const group = Number(rule.fields.get('group') ?? 0)
  const matched = found(rule, rule.fields.get('pattern') ?? '', text)
  if (matched === undefined) return undefined
  const name = matched[group]
  if (name !== undefined) return { name, rank: 'version', isLatest: true }
  throw bad(
    rule.line,
    `has no group ${rule.fields.get('group')}`,
    'Write a number of a group in its pattern.',
  )
}

/** A pattern is an expression, `/…/flags` or without the slashes. */
function found({ line }: TagRule, pattern: string, text: string): RegExpExecArray | undefined {
  const [, inner = pattern, flags = ''] = /^\/(.*)\/([a-z]*)$/.exec(pattern) ?? []
  try {
    return new RegExp(inner, flags.replaceAll(/[gy]/g, '')).exec(text) ?? undefined
  } catch {
    throw bad(line, 'has a pattern that is no regular expression', 'Correct it.')
  }
}
