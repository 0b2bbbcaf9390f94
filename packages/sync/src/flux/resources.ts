// Where the objects of Flux are in the Kubernetes API.
import type { Resource } from '../kube/resource.ts'

export const KINDS = ['Kustomization', 'GitRepository', 'OCIRepository', 'Bucket', 'HelmRelease'] as const
export type Kind = (typeof KINDS)[number]

export const resources: Readonly<Record<Kind, Resource>> = {
  Kustomization: { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', plural: 'kustomizations' },
  GitRepository: { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'gitrepositories' },
  OCIRepository: { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'ocirepositories' },
  Bucket: { group: 'source.toolkit.fluxcd.io', version: 'v1', plural: 'buckets' },
  HelmRelease: { group: 'helm.toolkit.fluxcd.io', version: 'v2', plural: 'helmreleases' },
}

/** Of `Kind/namespace/name`; undefined for what is no object of Flux. */
export function placeOf(
  object: string,
): { resource: Resource; place: { namespace: string; name: string } } | undefined {
  const [kind, namespace = '', name = ''] = object.split('/')
  const known = KINDS.find(one => one === kind)
  return known && { resource: resources[known], place: { namespace, name } }
}
