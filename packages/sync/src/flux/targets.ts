// Which Kustomizations deploy a commit: those of its repository whose path it touches.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Fields } from '../fields.ts'
import { isInside } from '../paths.ts'
import { sameRepositoryUrl } from '../repository-url.ts'
import type { FluxObject } from '../types.ts'
import { nameOfObject, readFluxObject } from './object.ts'

export interface Wanted {
  /** URL of the config repository. */
  repository: string
  /** Where the commit was pushed; empty when nobody said. */
  branch: string
  /** What the commit changed, relative to the repository; undefined when it is not known. */
  changedFiles: readonly string[] | undefined
}

/** What a source follows where it says nothing. */
const DEFAULT_BRANCH = 'master'

/**
 * The names of the Kustomizations that deploy the commit, `Kustomization/namespace/name`.
 *
 * A file that no path covers may be a base that any overlay reads, so then all Kustomizations of the source are
 * targets. Thrown: UserError `no-target`, `ambiguous-branch`.
 */
export function findKustomizations(manifests: readonly Fields[], wanted: Wanted): string[] {
  const objects = new Map(manifests.map(manifest => [nameOfObject(manifest), readFluxObject(manifest)]))
  const { repository, branch, changedFiles: files } = wanted
  const sources = [...objects].filter(
    ([name, state]) => name.startsWith('GitRepository/') && sameRepositoryUrl(state.repository, repository),
  )
  const following = sources.filter(([, { ref }]) => ref.fixed === '')
  const branches = new Set(following.map(([, state]) => branchOf(state)))
  if (branch === '' && branches.size > 1) {
    throw new UserError(
      'ambiguous-branch',
      `Sources follow several branches of ${repository}: ${[...branches].sort().join(', ')}.`,
      'Give "branch", or name the Kustomizations in "kustomizations".',
    )
  }
  const ours = new Set(
    following.filter(([, state]) => branch === '' || branchOf(state) === branch).map(([name]) => name),
  )
  const made = [...objects].filter(
    ([name, { source }]) => name.startsWith('Kustomization/') && ours.has(source),
  )
  if (made.length === 0) {
    const seen = [...objects.keys()].filter(name => name.startsWith('Kustomization/')).length
    throw new UserError(
      'no-target',
      `None of the ${seen} Kustomizations that can be seen deploys ${repository}${branch && `, branch ${branch}`}.`,
      'Check "repository", "branch" and the rights of the kubeconfig, or name them in "kustomizations".',
    )
  }
  const covers = (file: string) => made.filter(([, { path }]) => isInside(file, path))
  const isCovered = files?.every(file => covers(file).length > 0) ?? false
  const targets = files && isCovered ? files.flatMap(covers) : made
  return [...new Set(targets.map(([name]) => name))].sort()
}

const branchOf = ({ ref }: FluxObject): string => ref.branch || DEFAULT_BRANCH

/** @param names as the user wrote them: `namespace/name`, or `name` in the namespace of Flux */
export function nameKustomizations(names: readonly string[]): string[] {
  return names.map(name => `Kustomization/${name.includes('/') ? name : `flux-system/${name}`}`)
}
