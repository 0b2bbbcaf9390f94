// Which tags an event gives. Pure.
import { createHash } from 'node:crypto'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { RunFacts } from '@gitops-relay/action-kit'

/** Most specific first. A moving one points to something else tomorrow. */
const RANKS = ['version', 'sha', 'raw', 'moving'] as const
export type Rank = (typeof RANKS)[number]

export interface Tag {
  name: string
  rank: Rank
}

type Facts = Pick<RunFacts, 'event' | 'refType' | 'refName' | 'pullRequest' | 'sourceCommit'>

/**
 * @param rules of `tags`; none: the ones of the event
 * @throws UserError `no-tags`, `not-yet`, `bad-tags`
 */
export function tagsOf(rules: readonly string[], facts: Facts): Tag[] {
  const tags = rules.length === 0 ? eventTags(facts) : rules.flatMap(rule => ruleTags(rule, facts))
  const legal = tags
    .map(({ name, rank }) => ({ name: legalTag(name), rank }))
    .filter(({ name }) => name !== '')
  const distinct = [...new Map(legal.map(tag => [tag.name, tag])).values()]
  if (distinct.length > 0) return distinct
  throw new UserError(
    'no-tags',
    'No tag comes out of "tags" on this event.',
    'Add a rule that always gives one, such as type=sha.',
  )
}

/** The one that `ref` is written with. */
export function mostSpecific(tags: readonly Tag[]): Tag | undefined {
  return [...tags].sort((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))[0]
}

function eventTags(facts: Facts): Tag[] {
  const { event, refType, refName, pullRequest } = facts
  const sha = shaTag(facts, 'sha-')
  if (event === 'schedule') return [...sha, { name: 'nightly', rank: 'moving' }]
  if (pullRequest !== undefined) return [...sha, { name: `pr-${pullRequest}`, rank: 'moving' }]
  if (refType === 'branch') return [...sha, { name: refName, rank: 'moving' }]
  if (refType !== 'tag') return sha
  const version = /^v?(\d+\.\d+\.\d+(-[\w.-]+)?(?:\+[\w.-]+)?)$/.exec(refName)
  if (version === null) return [...sha, { name: refName, rank: 'raw' }]
  const [, name = '', prerelease] = version
  // A prerelease is nobody's latest.
  return [
    ...sha,
    { name, rank: 'version' },
    ...(prerelease === undefined ? [{ name: 'latest', rank: 'moving' } as const] : []),
  ]
}

function ruleTags(rule: string, facts: Facts): Tag[] {
  if (/^[\w.-]+$/.test(rule)) return [{ name: rule, rank: 'raw' }]
  const fields = new Map(
    rule.split(',').map((field): [string, string] => {
      const at = field.indexOf('=')
      return at < 0 ? ['value', field.trim()] : [field.slice(0, at).trim(), field.slice(at + 1).trim()]
    }),
  )
  const type = fields.get('type') ?? 'raw'
  const known: Record<string, string[]> = {
    raw: ['type', 'value', 'enable', 'prefix', 'suffix'],
    sha: ['type', 'format', 'enable', 'prefix', 'suffix'],
  }
  const foreign = [...fields.keys()].find(key => !(known[type] ?? []).includes(key))
  if (known[type] === undefined || foreign !== undefined || rule.includes('{{')) {
    const sentence = `"tags" has the rule ${JSON.stringify(rule)}, which this version cannot do yet.`
    throw new UserError(
      'not-yet',
      sentence,
      'Use type=raw,value=… and type=sha with prefix, suffix and enable.',
    )
  }
  const enable = fields.get('enable') ?? 'true'
  if (enable !== 'true' && enable !== 'false') {
    throw new UserError('bad-tags', `"tags" has enable=${enable}.`, 'Write enable=true or enable=false.')
  }
  if (enable === 'false') return []
  const [prefix, suffix] = [fields.get('prefix'), fields.get('suffix') ?? '']
  const tags =
    type === 'sha'
      ? shaTag(facts, prefix ?? 'sha-', fields.get('format'))
      : [{ name: (prefix ?? '') + (fields.get('value') ?? ''), rank: 'raw' as const }]
  return tags.map(({ name, rank }) => ({ name: name + suffix, rank }))
}

function shaTag({ sourceCommit }: Facts, prefix: string, format = 'short'): Tag[] {
  if (sourceCommit === '') return []
  return [{ name: prefix + (format === 'long' ? sourceCommit : sourceCommit.slice(0, 7)), rank: 'sha' }]
}

/** Letters, digits, `_`, `.` and `-`, none of the last two first, at most 128; what was cut off ends in a hash. */
function legalTag(name: string): string {
  const legal = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '')
  if (legal.length <= 128) return legal
  return `${legal.slice(0, 119)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}
