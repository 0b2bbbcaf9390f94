// What an image says about itself: where it came from, from which commit, of which time. Pure.
import type { RunFacts } from '@gitops-relay/action-kit'

/** The annotations of the OCI image specification that the run knows; the user's own win. */
export function describe(
  { serverUrl, repository, sourceCommit }: RunFacts,
  version: string,
  created: string,
): Record<string, string> {
  const known: Record<string, string> = {
    'org.opencontainers.image.created': created,
    'org.opencontainers.image.revision': sourceCommit,
    'org.opencontainers.image.source': repository === '' ? '' : `${serverUrl}/${repository}`,
    'org.opencontainers.image.title': repository.split('/')[1] ?? '',
    'org.opencontainers.image.version': version,
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ''))
}
