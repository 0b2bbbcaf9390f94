// `{{…}}` in the rules of tags, by the names that docker/metadata-action gave them. Pure.
import type { RunFacts } from '@gitops-relay/action-kit'
import { formatDate } from './date.ts'

export interface TagFacts extends Pick<
  RunFacts,
  'event' | 'refType' | 'refName' | 'pullRequest' | 'sourceCommit' | 'defaultBranch' | 'payload'
> {
  /** Milliseconds since the epoch. */
  now: number
  /** Of the commit, the same. */
  committed: number
  /** Tags that the checkout has; none where it has not fetched them. */
  versions: readonly string[]
}

/**
 * @param own further names that mean something here, such as `major`
 * @param refuse gets what is wrong
 */
export function fill(
  text: string,
  facts: TagFacts,
  refuse: (what: string, remedy: string) => Error,
  own: Readonly<Record<string, string>> = {},
): string {
  return text.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_, inner: string) => {
    const [, name = '', format, zone] =
      /^([a-z_]+\d*)(?:\s+['"]([^'"]*)['"])?(?:\s+tz=['"]([^'"]*)['"])?$/.exec(inner) ?? []
    const known: Record<string, () => string> = {
      ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, () => value])),
      branch: () => branchOf(facts),
      tag: () => (facts.refType === 'tag' ? facts.refName : ''),
      sha: () => facts.sourceCommit.slice(0, 7),
      base_ref: () => baseOf(facts),
      is_default_branch: () => String(isDefault(facts)),
      is_not_default_branch: () => String(!isDefault(facts)),
      date: () => formatDate(facts.now, format, zone, refuse),
      commit_date: () => formatDate(facts.committed, format, zone, refuse),
    }
    const value = Object.hasOwn(known, name) ? known[name] : undefined
    if (value !== undefined) return value()
    throw refuse(`has {{${inner}}}`, `Write one of: ${Object.keys(known).join(', ')}.`)
  })
}

const branchOf = ({ refType, refName, pullRequest }: TagFacts) =>
  refType === 'branch' && pullRequest === undefined ? refName : ''

const isDefault = (facts: TagFacts) => facts.defaultBranch !== '' && branchOf(facts) === facts.defaultBranch

/** Of a pull request the branch that it wants into; of a tag the one that it was pushed from, where GitHub says it. */
function baseOf({ payload }: TagFacts): string {
  const pull = payload['pull_request']
  const base: unknown =
    typeof pull === 'object' && pull !== null && 'base' in pull ? pull.base : payload['base_ref']
  const name: unknown = typeof base === 'object' && base !== null && 'ref' in base ? base.ref : base
  return typeof name === 'string' ? name.replace(/^refs\/heads\//, '') : ''
}
