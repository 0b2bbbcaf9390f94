// Which applications deploy a commit: those of its repository whose source path it touches.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { sameRepositoryUrl } from '../repository-url.ts'
import type { Application } from './application.ts'
import { isCommit } from '../standing.ts'
import { isInside } from '../paths.ts'
import type { ApplicationName } from './server.ts'

export interface Wanted {
  /** URL of the config repository. */
  repository: string
  /** Where the commit was pushed; empty when nobody said. */
  branch: string
  /** What the commit changed, relative to the repository; undefined when it is not known. */
  changedFiles: readonly string[] | undefined
}

/**
 * The applications that deploy the commit, by name (by `namespace/name` where a name occurs twice).
 *
 * A file that no path covers may be a base that any overlay reads, so then all applications of the repository are
 * targets: one that the commit does not touch is live as soon as it is compared. Thrown: UserError `no-target`,
 * `ambiguous-branch`.
 */
export function findTargets(
  applications: readonly Application[],
  wanted: Wanted,
): Map<string, ApplicationName> {
  const ofRepository = applications.filter(application => sourcesOf(application, wanted).length > 0)
  if (ofRepository.length === 0) {
    throw new UserError(
      'no-target',
      `None of the ${applications.length} applications that the token may see deploys ${wanted.repository}${wanted.branch && `, branch ${wanted.branch}`}.`,
      'Check "repository" and the rights of the token, or name the applications in "applications".',
    )
  }
  const branches = new Set(
    ofRepository.flatMap(application => sourcesOf(application, wanted).map(branchOf)).filter(Boolean),
  )
  if (wanted.branch === '' && branches.size > 1) {
    throw new UserError(
      'ambiguous-branch',
      `Applications follow several branches of ${wanted.repository}: ${[...branches].sort().join(', ')}.`,
      'Give "branch", or name the applications in "applications".',
    )
  }
  const files = wanted.changedFiles
  const covered = files?.every(file => ofRepository.some(application => covers(application, wanted, file)))
  const targets =
    files && covered
      ? ofRepository.filter(application => files.some(file => covers(application, wanted, file)))
      : ofRepository
  return nameAll(targets)
}

function sourcesOf({ state }: Application, { repository, branch }: Wanted) {
  return state.sources.filter(
    source =>
      !source.chart &&
      sameRepositoryUrl(source.repository, repository) &&
      (branch === '' || branchOf(source) === '' || branchOf(source) === branch),
  )
}

/** Empty for HEAD, which is the default branch, whatever its name, and for a commit. */
function branchOf({ targetRevision }: { targetRevision: string }): string {
  const name = targetRevision.replace(/^refs\/heads\//, '')
  return name === 'HEAD' || isCommit(name) ? '' : name
}

function covers(application: Application, wanted: Wanted, file: string): boolean {
  return sourcesOf(application, wanted).some(({ path }) =>
    [
      path,
      ...application.generatePaths.map(below => (below.startsWith('/') ? below : `${path}/${below}`)),
    ].some(folder => isInside(file, folder)),
  )
}

function nameAll(applications: readonly Application[]): Map<string, ApplicationName> {
  const isUnique = (name: string) => applications.filter(other => other.name === name).length === 1
  const entries = applications.map(({ name, namespace }): [string, ApplicationName] =>
    isUnique(name) ? [name, { name, namespace }] : [`${namespace}/${name}`, { name, namespace }],
  )
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** @param names as the user wrote them: `name` or `namespace/name` */
export function nameTargets(names: readonly string[]): Map<string, ApplicationName> {
  return new Map(
    names.map(text => {
      const [name = '', namespace = ''] = text.split('/').toReversed()
      return [text, { name, namespace }]
    }),
  )
}
