// Scopes of tokens: `repository:<name>:<actions>`, by Docker's token specification.

/** Those of `wanted` that `held` does not cover. */
export function missingScopes(held: readonly string[], wanted: readonly string[]): string[] {
  return wanted.filter(scope => !held.some(other => covers(other, scope)))
}

/** All of them, first the ones that were there: some servers read only the first. */
export function withScopes(held: readonly string[], more: readonly string[]): string[] {
  const missing = missingScopes(held, more)
  return [...held.filter(scope => !missing.some(other => covers(other, scope))), ...missing]
}

function covers(held: string, wanted: string): boolean {
  const [has, needs] = [split(held), split(wanted)]
  return has.resource === needs.resource && needs.actions.every(action => has.actions.includes(action))
}

function split(scope: string) {
  const colon = scope.lastIndexOf(':')
  return { resource: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') }
}
