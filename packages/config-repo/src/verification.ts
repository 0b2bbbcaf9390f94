// Whether GitHub calls a commit verified.
import { ApiError, type GitHub } from '@gitops-relay/github'
import type { Clock } from '@gitops-relay/http/clock'
import type { Place } from './place.ts'

export interface Verification {
  verified: boolean
  /** GitHub's own word, such as `valid` or `unsigned`. */
  reason: string
}

/** A commit that was written a moment ago is not seen at once everywhere: asked for again for some seconds. */
export async function readVerification(
  github: GitHub,
  { owner, repo }: Pick<Place, 'owner' | 'repo'>,
  sha: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Verification> {
  const call = { to: `read whether ${sha.slice(0, 12)} is verified`, signal }
  for (let tries = 1; ; tries++) {
    try {
      const commit = await github.rest(
        'GET /repos/{owner}/{repo}/git/commits/{sha}',
        { owner, repo, sha },
        call,
      )
      const verification = commit.at('verification')
      if (!verification.exists()) return { verified: false, reason: 'unknown' }
      return { verified: verification.at('verified').flag(), reason: verification.at('reason').line() }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404) || tries > 4) throw error
      await clock.sleep(tries * 500, signal)
    }
  }
}
