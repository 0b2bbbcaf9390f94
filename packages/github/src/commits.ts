// What a commit says of itself.
import type { GitHub } from './types.ts'

/** The whole message of a commit. Thrown: as by GitHub, and UserError `bad-answer`. */
export async function commitMessage(
  github: GitHub,
  { owner, repo }: { owner: string; repo: string },
  sha: string,
  signal: AbortSignal,
): Promise<string> {
  const parameters = { owner, repo, commit_sha: sha }
  const call = { to: `read a commit of ${owner}/${repo}`, signal }
  const answer = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', parameters, call)
  return answer.at('message').text()
}
