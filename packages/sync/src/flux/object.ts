// A Flux object as the Kubernetes API gives it, read as the state that a verdict rests on.
import { array, object, text, type Fields } from '../fields.ts'
import { ownerOf } from './owner.ts'
import type { FluxObject } from '../types.ts'

/** `Kind/namespace/name`. @param value with its `kind` */
export function nameOfObject(value: unknown, kind = text(object(value)['kind'])): string {
  const { namespace, name } = object(object(value)['metadata'])
  return `${kind}/${text(namespace)}/${text(name)}`
}

/** Whatever is missing is read as absent, never as an error. */
export function readFluxObject(value: unknown): FluxObject {
  const fields = object(value)
  const [metadata, spec, status] = ['metadata', 'spec', 'status'].map(name => object(fields[name]))
  const { namespace, generation } = metadata ?? {}
  const reference = object(spec?.['sourceRef'])
  const ref = object(spec?.['ref'])
  const [newest] = array(status?.['history']).map(object)
  const inNamespace = (kind: string, { namespace: other, name }: Fields) =>
    `${kind}/${text(other) || text(namespace)}/${text(name)}`
  return {
    generation: Number(generation ?? 0),
    observedGeneration: Number(status?.['observedGeneration'] ?? -1),
    suspended: spec?.['suspend'] === true,
    conditions: array(status?.['conditions'])
      .map(object)
      .map(condition => ({
        type: text(condition['type']),
        status: STATUS.find(one => one === condition['status']) ?? 'Unknown',
        reason: text(condition['reason']),
        message: text(condition['message']),
        observedGeneration: Number(condition['observedGeneration'] ?? 0),
      })),
    artifact: commitOf(text(object(status?.['artifact'])['revision'])),
    attempted: commitOf(text(status?.['lastAttemptedRevision'])),
    applied: commitOf(text(status?.['lastAppliedRevision'])),
    source: reference['name'] === undefined ? '' : inNamespace(text(reference['kind']), reference),
    dependsOn: array(spec?.['dependsOn'])
      .map(object)
      .map(one => inNamespace('Kustomization', one)),
    owner: ownerOf(fields),
    path: text(spec?.['path']),
    repository: text(spec?.['url']),
    ref: {
      branch: text(ref['branch']),
      fixed: text(ref['commit']) || text(ref['tag']) || text(ref['semver']) || text(ref['name']),
    },
    ...(newest ? { release: { status: text(newest['status']), action: text(newest['action']) } } : {}),
    handled: text(status?.['lastHandledReconcileAt']),
  }
}

const STATUS = ['True', 'False', 'Unknown'] as const

/** Of `main@sha1:…`, `refs/heads/main@sha1:…` or `sha1:…`; empty for a version of a chart or the digest of a bucket. */
const commitOf = (revision: string): string =>
  /(?:^|@)sha(?:1|256):([\da-f]{40,64})$/.exec(revision)?.[1] ?? ''

/** Of a message such as `Running health checks for revision main@sha1:… with a timeout of 40s`. */
export const commitIn = (message: string): string => commitOf(/ revision (\S+)/.exec(message)?.[1] ?? '')
