// Which objects a query speaks of: field and label selectors in the server's own syntax.
import type { StoredObject } from './objects.ts'

export type Selector = (object: StoredObject) => boolean

/** What no server supports comes back as a sentence. */
export function fieldSelector(text: string): Selector | string {
  const tests: Selector[] = []
  for (const part of text.split(',').filter(Boolean)) {
    const [, field = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? []
    if (operator === undefined) return `invalid selector: '${part}'; can't understand '${part}'`
    const [, key] = /^metadata\.(name|namespace)$/.exec(field) ?? []
    if (key === undefined) return `field label not supported: ${field}`
    tests.push(({ metadata }) => (metadata[key] === value) !== (operator === '!='))
  }
  return object => tests.every(test => test(object))
}

/** The name that a field selector asks for alone: RBAC counts it as the name of the request. */
export const selectedName = (text: string) => /(?:^|,)metadata\.name==?([^,]+)/.exec(text)?.[1]

/** Equality, sets and existence. */
export function labelSelector(text: string): Selector {
  const tests = (text.match(/[^,(]+(?:\([^)]*\))?/g) ?? []).map(part => labelTest(part.trim()))
  return ({ metadata: { labels = {} } }) => tests.every(test => test(labels))
}

function labelTest(part: string): (labels: Readonly<Record<string, string>>) => boolean {
  if (part.startsWith('!')) return labels => !(part.slice(1).trim() in labels)
  const [, key = part, operator, list] =
    /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part) ?? /^([^=!\s]+)\s*(==|=|!=)\s*(.*)$/.exec(part) ?? []
  if (operator === undefined || list === undefined) return labels => key in labels
  const values = new Set(list.split(',').map(value => value.trim()))
  const isWanted = operator !== '!=' && operator !== 'notin'
  return labels => values.has(labels[key] ?? '\0') === isWanted
}
