// What a directory of the config repository wants to run: plain manifests, or a kustomization with its bases and images.
import { posix } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

/** An object that the directory asks for, as far as a controller's status speaks of it. */
export interface Wanted {
  group: string
  version: string
  kind: string
  name: string
  namespace: string
  /** Of its containers; empty when it has none. */
  images: string[]
}

export interface Rendered {
  objects: Wanted[]
  /** Distinct, in the order of the objects. */
  images: string[]
  /** Equal for equal manifests. */
  fingerprint: string
}

/** A directory of one commit. */
export interface Tree {
  /** `undefined` when there is no such file. */
  file(path: string): Promise<string | undefined>
  /** Paths of the files directly in a directory. */
  list(directory: string): Promise<string[]>
}

type Fields = Record<string, unknown>

const kustomizations = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/**
 * Renders `path`. Of kustomize it knows resources, bases, images, namespace, namePrefix and nameSuffix; patches and
 * generators change nothing here. Thrown: Error in the controller's words when the YAML is broken or a file is missing.
 */
export async function render(tree: Tree, path: string): Promise<Rendered> {
  const documents = await build(tree, posix.normalize(path))
  const objects = documents.map(describe)
  return {
    objects,
    images: [...new Set(objects.flatMap(({ images }) => images))],
    fingerprint: JSON.stringify(documents),
  }
}

async function build(tree: Tree, directory: string): Promise<Fields[]> {
  for (const name of kustomizations) {
    const file = posix.join(directory, name)
    const text = await tree.file(file)
    if (text !== undefined) return kustomize(tree, directory, fields(read(file, () => parse(text))))
  }
  const files = (await tree.list(directory)).filter(file => /\.(ya?ml|json)$/.test(file))
  if (files.length === 0) throw new Error(`${directory}: app path does not exist`)
  return (await Promise.all(files.map(file => manifests(tree, file)))).flat()
}

async function kustomize(tree: Tree, directory: string, kustomization: Fields): Promise<Fields[]> {
  const documents: Fields[] = []
  for (const entry of [...list(kustomization['resources']), ...list(kustomization['bases'])]) {
    const path = posix.join(directory, String(entry))
    documents.push(...(/\.(ya?ml|json)$/.test(path) ? await manifests(tree, path) : await build(tree, path)))
  }
  for (const document of documents) {
    const metadata = fields(document['metadata'])
    document['metadata'] = {
      ...metadata,
      name: `${text(kustomization['namePrefix'])}${text(metadata['name'])}${text(kustomization['nameSuffix'])}`,
      ...(kustomization['namespace'] === undefined ? {} : { namespace: kustomization['namespace'] }),
    }
    for (const container of containers(document)) {
      for (const image of list(kustomization['images']))
        container['image'] = transform(text(container['image']), fields(image))
    }
  }
  return documents
}

async function manifests(tree: Tree, file: string): Promise<Fields[]> {
  const content = await tree.file(file)
  if (content === undefined)
    throw new Error(`accumulating resources from "${file}": no such file or directory`)
  const documents = read(file, () =>
    parseAllDocuments(content).map(document => {
      if (document.errors[0] !== undefined) throw document.errors[0]
      return fields(document.toJS())
    }),
  )
  return documents.filter(document => text(document['kind']) !== '')
}

/** As kustomize does: the name must be equal; a digest takes the tag's place, unless both are given. */
function transform(image: string, { name, newName, newTag, digest }: Fields): string {
  const [, own = '', tail = ''] = /^([^@]+?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? []
  if (own !== name) return image
  const tag = newTag === undefined ? '' : `:${text(newTag)}`
  const changed = digest === undefined ? tag : `${tag}@${text(digest)}`
  return `${newName === undefined ? own : text(newName)}${changed === '' ? tail : changed}`
}

function describe(document: Fields): Wanted {
  const [group, version] = /^(?:(.*)\/)?([^/]*)$/.exec(text(document['apiVersion']))?.slice(1) ?? []
  const metadata = fields(document['metadata'])
  return {
    group: group ?? '',
    version: version ?? '',
    kind: text(document['kind']),
    name: text(metadata['name']),
    namespace: text(metadata['namespace']),
    images: containers(document).map(({ image }) => text(image)),
  }
}

function containers(document: Fields): Fields[] {
  const spec = fields(document['spec'])
  const template = fields(fields(fields(spec['jobTemplate'])['spec'])['template'] ?? spec['template'])
  const pod = document['kind'] === 'Pod' ? spec : fields(template['spec'])
  return [...list(pod['initContainers']), ...list(pod['containers'])].filter(isFields)
}

function read<T>(file: string, parser: () => T): T {
  try {
    return parser()
  } catch (error) {
    throw new Error(
      `Failed to unmarshal "${file}": ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const fields = (value: unknown): Fields => (isFields(value) ? value : {})
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
