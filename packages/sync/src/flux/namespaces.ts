// Where the workloads of a Kustomization, or of a Helm release, run.
import { array, object, text, type Fields } from '../fields.ts'

/** By its inventory (`namespace_name_group_kind`), and by what its spec says. */
export function namespacesOf(manifests: readonly Fields[]): string[] {
  const found = manifests.flatMap(manifest => {
    const [metadata, spec, status] = ['metadata', 'spec', 'status'].map(name => object(manifest[name]))
    const entries = array(object(status?.['inventory'])['entries']).map(entry => text(object(entry)['id']))
    const own =
      manifest['kind'] === 'HelmRelease'
        ? text(spec?.['targetNamespace']) || text(metadata?.['namespace'])
        : ''
    return [...entries.map(id => id.split('_')[0] ?? ''), text(spec?.['targetNamespace']), own]
  })
  return [...new Set(found)].filter(Boolean).sort()
}
