// What the workflow says, as one typed object; every refused value and combination is refused here.
import { isAbsolute } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader, InputTable } from '@gitops-relay/action-kit'
import {
  normalise,
  parseReference,
  platformName,
  type Compression,
  type ImageReference,
  type IfTagExists,
  type Platform,
  type RunConfig,
} from '@gitops-relay/oci'
import { readLayers, type LayerLine } from './layer-lines.ts'
import { readFlavor, type Flavor } from './tags/flavor.ts'

const later = { later: true } as const

export const inputs: InputTable = {
  images: { required: true },
  tags: {},
  flavor: { default: 'latest=auto' },
  labels: {},
  annotations: {},
  engine: { default: 'auto', later: ['buildx', 'docker', 'podman', 'buildah'] },
  context: { default: '.' },
  file: later,
  target: later,
  'build-args': later,
  'build-contexts': later,
  secrets: { secret: true, later: true },
  'secret-envs': later,
  'secret-files': later,
  ssh: later,
  'cache-from': later,
  'cache-to': later,
  pull: later,
  'no-cache': later,
  network: later,
  'add-hosts': later,
  builder: later,
  load: later,
  'pass-env': {},
  'allow-untrusted': { default: 'false' },
  platforms: {},
  'base-image': { default: 'scratch' },
  layers: {},
  entrypoint: {},
  cmd: {},
  workdir: {},
  user: {},
  env: {},
  expose: {},
  compression: { default: 'gzip' },
  archive: {},
  username: {},
  password: { secret: true },
  token: { default: '${{ github.token }}', secret: true },
  push: {},
  'output-archive': {},
  provenance: { default: 'false', later: true },
  sbom: { default: 'false', later: true },
  sign: { default: 'false', later: true },
  'signing-key': { secret: true, later: true },
  'signing-password': { secret: true, later: true },
  'skip-unchanged': { default: 'false', later: true },
  'scan-command': later,
  'if-tag-exists': { default: 'move' },
  'insecure-registries': {},
  'dry-run': { default: 'false' },
}

export interface Inputs {
  images: ImageReference[]
  /** Rules; empty: the ones of the event. */
  tags: string[]
  flavor: Flavor
  labels: Record<string, string>
  annotations: Record<string, string>
  platforms: Platform[]
  /** Undefined: scratch. */
  base: ImageReference | undefined
  /** Absolute path of an image to push as it is; undefined: it is made of `layers`. */
  archive: string | undefined
  /** Absolute path that the image is written to, too. */
  outputArchive: string | undefined
  layers: LayerLine[]
  run: RunConfig
  compression: Compression
  credential: { username: string; password: string } | undefined
  /** `github.token`; empty: none. */
  token: string
  push: boolean
  ifTagExists: IfTagExists
  insecureRegistries: string[]
  dryRun: boolean
}

export function readInputs(input: InputReader, host: Host): Inputs {
  if (host.run.untrusted && !input.boolean('allow-untrusted')) {
    const sentence = `The event ${host.run.event} has access to secrets, and the code is a fork's.`
    throw new UserError(
      'untrusted-checkout',
      sentence,
      'Push from a run of your own code, or set "allow-untrusted" to true.',
    )
  }
  const archive = readArchivePath(input)
  const base = input.singleLine('base-image') || 'scratch'
  return {
    images: input.list('images').map(readImage),
    tags: input.list('tags'),
    flavor: readFlavor(input.list('flavor')),
    labels: readPairs(input, 'labels'),
    annotations: readPairs(input, 'annotations'),
    platforms: readPlatforms(input),
    base: base === 'scratch' ? undefined : parseReference(base),
    archive,
    outputArchive: input.text('output-archive') === '' ? undefined : input.path('output-archive'),
    layers: readLayers(input.list('layers'), input.path('context')),
    run: readRunConfig(input),
    compression: readCompression(input.text('compression')),
    credential: readCredential(input),
    token: input.singleLine('token'),
    push: input.text('push') === '' ? !host.run.fork : input.boolean('push') && !host.run.untrusted,
    ifTagExists: input.oneOf('if-tag-exists', ['move', 'keep', 'skip']),
    insecureRegistries: input.list('insecure-registries', { commas: true }),
    dryRun: input.boolean('dry-run'),
  }
}

/** Undefined for the engine `layer`. */
function readArchivePath(input: InputReader): string | undefined {
  const engine = input.oneOf('engine', ['auto', 'layer', 'buildx', 'docker', 'podman', 'buildah', 'archive'])
  const [archive, hasLayers] = [input.text('archive'), input.list('layers').length > 0]
  if (archive !== '' && (hasLayers || engine === 'layer')) {
    const sentence = '"archive" is a whole image, and "layers" make another.'
    throw new UserError('contradiction', sentence, 'Give one of both.')
  }
  if (archive !== '') return input.path('archive')
  if (engine === 'archive')
    throw new UserError('missing-input', 'The engine archive needs "archive".', 'Write its path.')
  if (hasLayers) return undefined
  throw new UserError(
    'not-yet',
    'There is no "layers", and the engines that build a Dockerfile are not there yet.',
    'Write what goes into the image into "layers", such as dist:/app, or give "archive".',
  )
}

/** Names of people and organisations may have capitals; repositories may not. */
function readImage(line: string): ImageReference {
  const image = parseReference(line.toLowerCase())
  if (image.tag === undefined && image.digest === undefined) return image
  throw new UserError(
    'bad-reference',
    `"images" has ${JSON.stringify(line)}, which names a tag or digest.`,
    'Write tags into "tags".',
  )
}

function readPairs(input: InputReader, name: string): Record<string, string> {
  const pairs = input.list(name).map((line): [string, string] => {
    const at = line.indexOf('=')
    if (at > 0) return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    throw new UserError('bad-value', `"${name}" has the line ${JSON.stringify(line)}.`, 'Write key=value.')
  })
  return Object.fromEntries(pairs)
}

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386', arm64: 'arm64', ppc64: 'ppc64le' }

function readPlatforms(input: InputReader): Platform[] {
  const lines = input.list('platforms', { commas: true })
  if (lines.length === 0) return [{ os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch }]
  const platforms = lines.map(line => {
    const [os, architecture, variant, ...more] = line.split('/')
    if (!/^[\w./-]+$/.test(line) || !os || !architecture || more.length > 0) {
      throw new UserError(
        'bad-platform',
        `"platforms" has ${JSON.stringify(line)}.`,
        'Write os/architecture, such as linux/arm64.',
      )
    }
    return normalise({ os, architecture, ...(variant === undefined ? {} : { variant }) })
  })
  return [...new Map(platforms.map(platform => [platformName(platform), platform])).values()]
}

function readRunConfig(input: InputReader): RunConfig {
  const [workdir, user] = [input.singleLine('workdir'), input.singleLine('user')]
  if (workdir !== '' && !isAbsolute(workdir)) {
    throw new UserError(
      'bad-value',
      `"workdir" is ${JSON.stringify(workdir)}.`,
      'Write an absolute path of the image.',
    )
  }
  const expose = input.list('expose', { commas: true })
  const wrong = expose.find(port => !/^\d{1,5}(?:\/(?:tcp|udp|sctp))?$/.test(port))
  if (wrong !== undefined)
    throw new UserError(
      'bad-value',
      `"expose" has ${JSON.stringify(wrong)}.`,
      'Write a port, such as 8080 or 53/udp.',
    )
  readPairs(input, 'env')
  const env = input.list('env')
  return {
    ...words(input, 'entrypoint', 'Entrypoint'),
    ...words(input, 'cmd', 'Cmd'),
    ...(workdir === '' ? {} : { WorkingDir: workdir }),
    ...(user === '' ? {} : { User: user }),
    ...(env.length === 0 ? {} : { Env: env }),
    ...(expose.length === 0
      ? {}
      : {
          ExposedPorts: Object.fromEntries(
            expose.map(port => [port.includes('/') ? port : `${port}/tcp`, {}]),
          ),
        }),
  }
}

/** A JSON list, or words between blanks. */
function words(input: InputReader, name: string, key: 'Entrypoint' | 'Cmd'): RunConfig {
  const text = input.text(name)
  if (text === '') return {}
  if (!text.startsWith('[')) return { [key]: text.split(/\s+/) }
  const list = input.json(name)
  if (Array.isArray(list) && list.every(word => typeof word === 'string')) return { [key]: list }
  throw new UserError(
    'bad-value',
    `"${name}" is a JSON list of something else than texts.`,
    'Write ["program", "argument"].',
  )
}

/** The usual level of each, and the highest that needs no more memory than a runner has. */
const LEVELS = { gzip: { usual: 6, highest: 9 }, zstd: { usual: 3, highest: 19 } }

function readCompression(text: string): Compression {
  const [, algorithm, written] = /^(gzip|zstd)(?::(\d{1,2}))?$/.exec(text || 'gzip') ?? []
  if (algorithm === 'gzip' || algorithm === 'zstd') {
    const level = written === undefined ? LEVELS[algorithm].usual : Number(written)
    if (level >= 1 && level <= LEVELS[algorithm].highest) return { algorithm, level }
  }
  throw new UserError(
    'bad-value',
    `"compression" is ${JSON.stringify(text)}.`,
    'Write gzip or zstd, or gzip: and a level from 1 to 9, or zstd: and one from 1 to 19.',
  )
}

function readCredential(input: InputReader): Inputs['credential'] {
  const [username, password] = [input.singleLine('username'), input.text('password')]
  if ((username === '') === (password === '')) return username === '' ? undefined : { username, password }
  throw new UserError(
    'half-credential',
    'Only one of "username" and "password" is given.',
    'Give both or none.',
  )
}
