// Looks for a secret in texts and files, in every form in which it could have leaked.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { git } from '../git/git.ts'
import { encodings } from './encodings.ts'

export interface Hit {
  place: string
  encoding: string
}

export interface Places {
  /** Name → text, such as a log or a summary. Objects are looked at as JSON. */
  texts?: Readonly<Record<string, unknown>>
  /** Every file below, names included; gzip is unpacked, and of a git repository every object is read. */
  directories?: readonly string[]
  /** What a watch of processes has found. */
  processes?: readonly Hit[]
}

/** All places where the secret is, each form once a place; empty when it has not leaked. */
export async function findSecret(
  secret: string,
  { texts = {}, directories = [], processes = [] }: Places,
): Promise<Hit[]> {
  const forms = encodings(secret)
  const look = (place: string, content: Buffer): Hit[] =>
    [...forms].flatMap(([encoding, looks]) =>
      looks.some(text => content.includes(text)) ? [{ place, encoding }] : [],
    )
  const hits = Object.entries(texts).flatMap(([name, text]) => {
    const plain = typeof text === 'string' ? text : valuesOf(text).join('\n')
    return look(name, Buffer.from(plain))
  })
  for (const directory of directories)
    for await (const [place, content] of contents(directory)) hits.push(...look(place, content))
  return [...hits, ...processes]
}

/** Every name and every text in a value: its JSON would show a secret in another form. */
function valuesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).flatMap(([name, part]) => [name, ...valuesOf(part)])
}

async function* contents(directory: string): AsyncGenerator<[string, Buffer]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const names = new Set(entries.map(({ name }) => name))
  yield [directory, Buffer.from([...names].join('\n'))]
  if (names.has('objects') && names.has('HEAD')) {
    const objects = await git(directory, ['--git-dir=.', 'cat-file', '--batch', '--batch-all-objects'])
    yield [`objects of ${directory}`, objects.stdout]
  }
  for (const entry of entries) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) yield* contents(path)
    if (!entry.isFile()) continue
    const bytes = await readFile(path).catch(() => Buffer.alloc(0))
    yield [path, bytes]
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) yield [`${path}, unpacked`, unpacked(bytes)]
  }
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes)
  } catch {
    return Buffer.alloc(0)
  }
}
