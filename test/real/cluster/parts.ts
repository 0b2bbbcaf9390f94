// The parts of a cluster, and the programs of each: `module/package` by the name of its binary, from the Go module in programs/<folder>.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Build {
  /** Folder of programs/. */
  from: string
  packages: Readonly<Record<string, string>>
  /** Linker's variables. */
  set?: Readonly<Record<string, string>>
  /** Files of a module that are needed beside the binaries, by the folder they go to. */
  files?: Readonly<Record<string, { module: string; paths: readonly string[] }>>
  /** Lines to replace before it is built: [module, file, line, instead]. */
  mend?: readonly [module: string, file: string, from: string, to: string]
}

export type Part = keyof typeof parts

const VERSION = 'k8s.io/component-base/version'
const ARGO = 'github.com/argoproj/argo-cd/v3'

/** A controller of Flux with its CRDs. */
const flux = (name: string): Build => ({
  from: `${name}-controller`,
  packages: { [`${name}-controller`]: `github.com/fluxcd/${name}-controller` },
  files: { crds: { module: `github.com/fluxcd/${name}-controller`, paths: ['config/crd/bases/*.yaml'] } },
})

export const parts = {
  core: [
    { from: 'etcd', packages: { etcd: 'go.etcd.io/etcd/server/v3' } },
    {
      from: 'kube',
      packages: {
        'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
        'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
        'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      },
      set: {
        [`${VERSION}.gitVersion`]: 'v1.36.3',
        [`${VERSION}.gitMajor`]: '1',
        [`${VERSION}.gitMinor`]: '36',
      },
    },
    {
      from: 'kwok',
      packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
      files: {
        stages: {
          module: 'sigs.k8s.io/kwok',
          paths: [
            'kustomize/stage/node/fast/node-initialize.yaml',
            'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
          ],
        },
      },
    },
  ],
  flux: ['source', 'kustomize', 'helm', 'notification'].map(flux),
  argocd: [
    {
      from: 'argo-cd',
      packages: { argocd: `${ARGO}/cmd` },
      // Without "v": with it the server answers every call that its own version cannot be parsed.
      set: { [`${ARGO}/common.version`]: '3.5.1' },
      files: {
        crds: { module: ARGO, paths: ['manifests/crds/{application,applicationset,appproject}-crd.yaml'] },
        // The repo server calls them even where signatures are not checked.
        '.': { module: ARGO, paths: ['hack/{git-verify-wrapper,git-ask-pass,gpg-wrapper}.sh'] },
      },
      // Its metrics would be served on every interface, and no flag says otherwise.
      mend: [ARGO, 'controller/appcontroller.go', '"0.0.0.0:', '"127.0.0.1:'],
    },
  ],
} satisfies Record<string, Build[]>

export const programs = join(import.meta.dirname, 'programs')

/** The content of every file that a part is built from. */
export function inputsOf(part: Part): string[] {
  const folders = [...parts[part].map(({ from }) => from), ...(part === 'flux' ? ['stubs'] : [])]
  const files = folders.flatMap(folder => globSync(`${folder}/**/{go.mod,go.sum,*.go}`, { cwd: programs }))
  return [
    JSON.stringify(parts[part]),
    ...files.toSorted().map(file => readFileSync(join(programs, file), 'utf8')),
  ]
}
