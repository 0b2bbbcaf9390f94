// Which tags an event gives. Pure.
import { createHash } from 'node:crypto'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Flavor } from './flavor.ts'
import { fill, type TagFacts } from './placeholders.ts'
import { bad, readRule, type TagRule } from './rule.ts'
import { valueOf } from './values.ts'
import { readSemver } from './version.ts'

/** Most specific first. A moving one points to something else tomorrow. */
const RANKS = ['version', 'sha', 'raw', 'moving'] as const
export type Rank = (typeof RANKS)[number]

export interface Tag {
  name: string
  rank: Rank
}

/**
 * Those of the rule with the highest priority come first, `latest` last.
 * @param lines of `tags`; none: the ones of the event
 * @throws UserError `no-tags`, `bad-tags`
 */
export function tagsOf(lines: readonly string[], flavor: Flavor, facts: TagFacts): Tag[] {
  const rules = (lines.length === 0 ? linesOf(facts) : lines).map(readRule)
  const made = rules
    .toSorted((a, b) => b.priority - a.priority)
    .flatMap(rule => {
      const found = tagOf(rule, flavor, facts)
      return found === undefined || found.name === '' ? [] : [found]
    })
  const isLatest = flavor.latest === 'auto' ? made[0]?.isLatest === true : flavor.latest === 'true'
  const latest = `${flavor.latestPrefix}latest${flavor.latestSuffix}`
  const tags: Tag[] = made.map(({ name, rank }) => ({ name, rank }))
  if (isLatest && made.length > 0) tags.push({ name: legalTag(latest), rank: 'moving' })
  const distinct = tags.filter(({ name }, at) => tags.findIndex(other => other.name === name) === at)
  if (distinct.length > 0) return distinct
  throw new UserError(
    'no-tags',
    'No tag comes out of "tags" on this event.',
    'Add a rule that always gives one, such as type=sha.',
  )
}

/** The one that `ref` is written with. */
export function mostSpecific(tags: readonly Tag[]): Tag | undefined {
  return tags.toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))[0]
}

/** The rules of an event for which nobody wrote any. */
function linesOf({ event, refType, refName, pullRequest }: TagFacts): string[] {
  if (event === 'schedule') return ['type=schedule', 'type=sha']
  if (pullRequest !== undefined) return ['type=ref,event=pr', 'type=sha']
  if (refType === 'branch') return ['type=ref,event=branch', 'type=sha']
  if (refType !== 'tag') return ['type=sha']
  const isVersion = readSemver(refName) !== undefined
  return [isVersion ? 'type=semver,pattern={{version}}' : 'type=ref,event=tag', 'type=sha']
}

const OWN_PREFIX: Record<string, string> = { sha: 'sha-', pr: 'pr-' }

function tagOf(rule: TagRule, flavor: Flavor, facts: TagFacts) {
  const { line, kind, fields } = rule
  const filled = (text: string) => fill(text, facts, (what, remedy) => bad(line, what, remedy))
  const enable = filled(fields.get('enable') ?? 'true')
  if (enable !== 'true' && enable !== 'false')
    throw bad(line, `has enable=${enable}`, 'Write enable=true or enable=false.')
  const value = enable === 'true' ? valueOf(rule, facts) : undefined
  if (value === undefined) return undefined
  const own = OWN_PREFIX[kind === 'ref' ? (fields.get('event') ?? '') : kind]
  const prefix = filled(fields.get('prefix') ?? own ?? flavor.prefix)
  const suffix = filled(fields.get('suffix') ?? flavor.suffix)
  // What came from a ref is no rule of the user's, whatever braces its name has.
  const isWritten = kind === 'raw' || kind === 'schedule'
  return { ...value, name: legalTag(prefix + (isWritten ? filled(value.name) : value.name) + suffix) }
}

/** Letters, digits, `_`, `.` and `-`, none of the last two first, at most 128; what was cut off ends in a hash. */
function legalTag(name: string): string {
  const legal = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '')
  if (legal.length <= 128) return legal
  return `${legal.slice(0, 119)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
