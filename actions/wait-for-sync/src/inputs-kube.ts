// What the workflow says about a cluster, and about Flux in it.
import { readFileSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader } from '@gitops-relay/action-kit'
import type { KubeconfigFile } from '@gitops-relay/sync'

export interface ClusterInputs {
  /** Empty: the service account of the pod that the runner is. */
  kubeconfigs: KubeconfigFile[]
  /** Empty: the current one. */
  context: string
}

export interface FluxInputs extends ClusterInputs {
  /** `namespace/name`, or `name` in flux-system; empty: all that deploy the commit. */
  kustomizations: string[]
}

export function readFlux(input: InputReader, host: Host): FluxInputs {
  return { ...readCluster(input, host), kustomizations: input.list('kustomizations', { commas: true }) }
}

/** The input as content or path, else `$KUBECONFIG`. Thrown: UserError `kubeconfig-missing` */
export function readCluster(input: InputReader, host: Host): ClusterInputs {
  const context = input.singleLine('kube-context')
  const given = input.raw('kubeconfig')
  if (given.includes('\n') || given.trimStart().startsWith('{'))
    return { kubeconfigs: [{ text: given, directory: host.workspace }], context }
  const paths = (given.trim() || (host.env['KUBECONFIG'] ?? '')).split(delimiter).filter(Boolean)
  return { kubeconfigs: paths.map(path => readFile(resolve(host.workspace, path))), context }
}

function readFile(path: string): KubeconfigFile {
  try {
    return { text: readFileSync(path, 'utf8'), directory: dirname(path) }
  } catch (cause) {
    const sentence = `There is no kubeconfig at ${path}.`
    throw new UserError('kubeconfig-missing', sentence, 'Write its path or its content into "kubeconfig".', {
      cause,
    })
  }
}
