// The kinds of objects that the server knows, and their places in the API.

export interface Kind {
  kind: string
  group: string
  version: string
  plural: string
  isNamespaced: boolean
  /** Part of Kubernetes itself: its lists say kind and version once, for all. */
  isBuiltIn: boolean
}

const kind = (apiVersion: string, name: string, isNamespaced = true, isBuiltIn = true): Kind => {
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  const plural = `${name.toLowerCase().replace(/y$/, 'ie')}s`
  return { kind: name, group, version, plural, isNamespaced, isBuiltIn }
}
const custom = (apiVersion: string, ...names: string[]) =>
  names.map(name => kind(apiVersion, name, true, false))

export const KINDS: readonly Kind[] = [
  kind('v1', 'Namespace', false),
  kind('v1', 'Node', false),
  ...['Pod', 'Service', 'ConfigMap', 'Secret', 'Event'].map(name => kind('v1', name)),
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision'].map(name =>
    kind('apps/v1', name),
  ),
  ...['Job', 'CronJob'].map(name => kind('batch/v1', name)),
  kind('apiextensions.k8s.io/v1', 'CustomResourceDefinition', false),
  ...custom(
    'source.toolkit.fluxcd.io/v1',
    'GitRepository',
    'OCIRepository',
    'HelmRepository',
    'HelmChart',
    'Bucket',
    'ExternalArtifact',
  ),
  ...custom('kustomize.toolkit.fluxcd.io/v1', 'Kustomization'),
  ...custom('helm.toolkit.fluxcd.io/v2', 'HelmRelease'),
  ...custom('notification.toolkit.fluxcd.io/v1', 'Receiver'),
  ...custom('argoproj.io/v1alpha1', 'Application', 'AppProject', 'Rollout'),
]

/** `pods`, `kustomizations.kustomize.toolkit.fluxcd.io`. */
export const titleOf = ({ group, plural }: { group: string; plural: string }) =>
  group === '' ? plural : `${plural}.${group}`

export const apiVersionOf = ({ group, version }: Kind) => (group === '' ? version : `${group}/${version}`)
