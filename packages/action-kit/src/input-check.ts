// What is refused before an action begins: names that no input has, missing values, and what is promised for later.
import { shown } from './input-reader.ts'
import type { ActionDefinition, InputTable } from './types.ts'
import { UserError } from './user-error.ts'

/**
 * @param values by name, as given
 * @throws UserError `unknown-input`, `missing-input`, `not-yet`
 */
export function checkInputs(
  { inputs, elsewhere = {} }: ActionDefinition,
  values: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(values)) {
    if (inputs[name] !== undefined) continue
    const remedy = elsewhere[name] ?? `${nearest(name, inputs)} Take it out or correct it.`.trim()
    throw new UserError('unknown-input', `There is no input "${name}".`, remedy)
  }
  for (const [name, rule] of Object.entries(inputs)) {
    const value = (values[name] ?? '').trim()
    if (rule.required && value === '') {
      const sentence = name in values ? `"${name}" is required and empty.` : `"${name}" is required.`
      const remedy = `Give it a value; where it comes from another job, see that this job's outputs name it.`
      throw new UserError('missing-input', sentence, remedy)
    }
    if (value === '' || value === rule.default || rule.later === undefined) continue
    if (rule.later === true || rule.later.includes(value)) {
      const remedy = rule.later === true ? `Leave "${name}" out for now.` : 'Choose another value for now.'
      throw new UserError('not-yet', `${shown(name, value)}, which this version cannot do yet.`, remedy)
    }
  }
}

function nearest(name: string, inputs: InputTable): string {
  const ranked = Object.keys(inputs)
    .map(candidate => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= Math.max(2, name.length / 3)
    ? `Did you mean "${best.candidate}"?`
    : ''
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
