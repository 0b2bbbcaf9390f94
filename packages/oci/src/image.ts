// From layers to config, manifest and index. Pure: equal input, equal bytes.
import {
  MEDIA,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  type Platform,
  type RunConfig,
} from './types.ts'
import type { Digest } from './reference.ts'

export interface ImageParts {
  platform: Platform
  /** RFC 3339. */
  created: string
  /** What the base says; absent for `scratch`. */
  base?: { config: ImageConfig; layers: Descriptor[] }
  layers: { descriptor: Descriptor; diffId: Digest; source: string }[]
  /** Replaces what the base says, but `Env`, `Labels` and `ExposedPorts` are added to it. */
  run: RunConfig
  annotations: Record<string, string>
}

export function imageConfig({ platform, created, base, layers, run }: ImageParts): ImageConfig {
  const under = withoutNulls(base?.config.config ?? {})
  const { Cmd: command, ...rest } = { ...under, ...run }
  // A new entrypoint makes the arguments of the old one meaningless, as in a Dockerfile.
  const isStale = run.Entrypoint !== undefined && run.Cmd === undefined
  const config: RunConfig = {
    ...rest,
    ...(command === undefined || isStale ? {} : { Cmd: command }),
    ...merged('Env', mergeEnvironment(under.Env, run.Env)),
    ...merged('Labels', { ...under.Labels, ...run.Labels }),
    ...merged('ExposedPorts', { ...under.ExposedPorts, ...run.ExposedPorts }),
  }
  const history = layers.map(({ source }) => ({ created, created_by: `gitops-relay layer ${source}` }))
  return {
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    created,
    config,
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [...(base?.config.history ?? []), ...history],
  }
}

export function imageManifest({ base, layers, annotations }: ImageParts, config: Descriptor): Manifest {
  return {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config,
    layers: [...(base?.layers.map(asOci) ?? []), ...layers.map(({ descriptor }) => descriptor)],
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

export const imageIndex = (manifests: Descriptor[], annotations: Record<string, string>): Index => ({
  schemaVersion: 2,
  mediaType: MEDIA.index,
  manifests,
  ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
})

/** Docker's layers are OCI's under another name; one manifest does not mix them. */
const asOci = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType: OCI_NAMES[mediaType] ?? mediaType,
  digest,
  size,
})

const OCI_NAMES: Record<string, string> = {
  [MEDIA.dockerLayer]: MEDIA.layer,
  [MEDIA.dockerPlainLayer]: MEDIA.plainLayer,
}

/** `KEY=value`; a later one takes the place of an earlier one. */
function mergeEnvironment(under: readonly string[] = [], over: readonly string[] = []): string[] {
  const entries = [...under, ...over].map((line): [string, string] => [line.split('=')[0] ?? '', line])
  return [...new Map(entries).values()]
}

/** Docker writes null for what is not set. */
const withoutNulls = (config: RunConfig): RunConfig =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))

const merged = (key: keyof RunConfig, value: object) =>
  Object.keys(value).length === 0 ? {} : { [key]: value }
