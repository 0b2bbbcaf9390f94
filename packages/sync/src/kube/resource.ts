// Where resources are in the API, and how they are called.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
import { UserError } from '@gitops-relay/action-kit/user-error'
import { object, text, type Fields } from '../fields.ts'

export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** Lower-case plural: `kustomizations`. */
  readonly plural: string
}

export interface Place {
  /** Undefined: a resource of the cluster, or all namespaces. */
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

/** An object as the server gave it; `managedFields` are left out. */
export type KubeObject = Fields

/** Relative to the server's address. @throws UserError `kube-name` for a part that would lead elsewhere */
export function pathOf(
  { group, version, plural }: Resource,
  { namespace, name, subresource }: Place,
): string {
  const parts = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  const stray = parts.find(part => ['', '.', '..'].includes(part))
  if (stray !== undefined) {
    const sentence = `"${stray}" is no name of anything in Kubernetes.`
    throw new UserError('kube-name', sentence, 'Check the names that are to be looked at.')
  }
  return parts.map(encodeURIComponent).join('/')
}

/** As `kubectl` and RBAC call it: `pods`, `kustomizations.kustomize.toolkit.fluxcd.io`. */
export const titleOf = ({ group, plural }: Resource): string => (group === '' ? plural : `${plural}.${group}`)

export interface ObjectName {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Opaque; tells only whether two states are the same. */
  readonly resourceVersion: string
}

/** What is missing is empty. */
export function nameOf(item: KubeObject): ObjectName {
  const { namespace, name, uid, resourceVersion } = object(item['metadata'])
  return {
    namespace: text(namespace),
    name: text(name),
    uid: text(uid),
    resourceVersion: text(resourceVersion),
  }
}

/** Items of a list leave out what the list says of all of them. */
export function tidy(item: Fields, kind: string, apiVersion: string): KubeObject {
  const { managedFields: _, ...metadata } = object(item['metadata'])
  return { apiVersion, kind, ...item, metadata }
}
