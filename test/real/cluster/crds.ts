import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Kube, KubeObject } from './kube.ts'

/** Applies every document of the YAML files of a directory. */
export async function applyFiles(kube: Kube, directory: string): Promise<void> {
  for (const name of await readdir(directory))
    for (const document of parseAllDocuments(await readFile(join(directory, name), 'utf8'))) {
      const object: KubeObject | null = document.toJS()
      if (object !== null) await kube.apply(object)
    }
}
