// The account of the token, and how much it may ask.
import { Refusal } from '../refusal.ts'
import { ok, route, type Limits, type Route } from '../route.ts'
import { userShape } from '../shapes/repository.ts'

export const accountRoutes: readonly Route[] = [
  route('GET /user', ({ places, asker, state }) => {
    if (asker.login === '') throw new Refusal(401, 'Requires authentication')
    // Tokens of apps have no user.
    if (asker.login.endsWith('[bot]')) throw new Refusal(403, 'Resource not accessible by integration')
    const empty = {
      name: null,
      company: null,
      blog: null,
      location: null,
      email: null,
      hireable: null,
      bio: null,
    }
    return ok({
      ...userShape(places, asker.login),
      ...empty,
      public_repos: 1,
      public_gists: 0,
      followers: 0,
      following: 0,
      created_at: state.now(),
      updated_at: state.now(),
    })
  }),

  route('GET /rate_limit', ({ limits }) => {
    const core = limitShape(limits)
    const names = ['core', 'graphql', 'search', 'code_search', 'source_import', 'integration_manifest']
    const more = ['actions_runner_registration', 'scim', 'dependency_snapshots', 'dependency_sbom']
    const last = ['code_scanning_autofix', 'copilot_usage_records', 'code_scanning_upload']
    const resources = Object.fromEntries([...names, ...more, ...last].map(name => [name, core]))
    return ok({ resources, rate: core })
  }),
]

/** Seconds since the epoch at which all is given anew: the next full hour. */
export function limitShape({ clock, requests, used }: Limits) {
  const reset = Math.ceil(clock() / 3_600_000) * 3600
  return { limit: requests, used, remaining: Math.max(0, requests - used), reset }
}
