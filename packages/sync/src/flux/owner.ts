// Which workloads a Kustomization has made, by the labels that the controllers leave on them.
import { object, text, type Fields } from '../fields.ts'

/** The Kustomization or HelmRelease that made it, as `Kind/namespace/name`; empty where nobody says. */
export function ownerOf(manifest: Fields): string {
  const labels = object(object(manifest['metadata'])['labels'])
  const named = (kind: string, group: string) => {
    const [namespace, name] = ['namespace', 'name'].map(key =>
      text(labels[`${group}.toolkit.fluxcd.io/${key}`]),
    )
    return namespace && name ? `${kind}/${namespace}/${name}` : ''
  }
  return named('HelmRelease', 'helm') || named('Kustomization', 'kustomize')
}

/** @param releases those that the Kustomization made */
export const isOwned =
  (target: string, releases: ReadonlySet<string>) =>
  (workload: Fields): boolean => {
    const owner = ownerOf(workload)
    return owner !== '' && (owner === target || releases.has(owner))
  }
