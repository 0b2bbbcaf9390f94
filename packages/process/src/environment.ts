// What a child may know.
import type { Environment } from './types.ts'

const HIDDEN = /^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY))$/i

/**
 * The user's environment without what speaks to the runner in our name: inputs, the runner's own credentials, its files.
 * @param passEnv names that come back all the same; one that is not set is left out
 */
export function scrubbedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  passEnv: readonly string[] = [],
): Environment {
  const visible = Object.entries(env).filter(([name]) => !HIDDEN.test(name) || passEnv.includes(name))
  return Object.fromEntries(visible.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
