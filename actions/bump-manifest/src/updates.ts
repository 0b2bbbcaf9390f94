// What is to be written where: the single update of the inputs, or the list in "updates".
import { isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml'
import type { InputReader } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { FilePatterns } from '@gitops-relay/config-repo'
import { parsePath, selectsDocument, splitReference, type Update, type Value } from '@gitops-relay/manifests'
import { isDigest, parseReference } from '@gitops-relay/oci/reference'

export interface WantedUpdate {
  update: Update
  patterns: FilePatterns
  /** How many places must match. */
  expect: number | 'any' | 'some'
}

/** The fields of one update as text; an absent one is `undefined`. */
interface Fields {
  /** For sentences: empty, or such as `updates[1].`. */
  where: string
  file?: string | undefined
  files: readonly string[]
  image?: string | undefined
  match?: string | undefined
  tag?: string | undefined
  digest?: string | undefined
  path?: string | undefined
  value?: Value | undefined
  document?: string | undefined
  expect?: string | undefined
  policy?: string | undefined
}

/** @throws UserError */
export function singleUpdate(input: InputReader): WantedUpdate {
  const text = (name: string) => input.singleLine(name) || undefined
  const value = input.raw('value')
  return wanted({
    where: '',
    files: input.list('files'),
    image: text('image'),
    match: text('match'),
    tag: text('tag'),
    digest: text('digest'),
    path: text('path'),
    value: value.trim() === '' ? undefined : { kind: 'as-found', text: value.replace(/\r?\n$/, '') },
    expect: text('expect'),
  })
}

const keys = [
  'file',
  'files',
  'image',
  'match',
  'tag',
  'digest',
  'path',
  'value',
  'document',
  'expect',
  'policy',
]

/** @throws UserError */
export function readUpdates(input: InputReader): WantedUpdate[] {
  const both = ['files', 'image', 'match', 'tag', 'digest', 'path', 'value', 'expect'].find(name =>
    input.given(name),
  )
  if (both !== undefined) {
    throw new UserError(
      'contradiction',
      `"updates" and "${both}" are both given.`,
      `Move "${both}" into "updates".`,
    )
  }
  const { contents, errors } = parseDocument(input.raw('updates'), {
    prettyErrors: false,
    logLevel: 'silent',
  })
  const [error] = errors
  if (error !== undefined) {
    const sentence = `"updates" is not valid YAML: ${error.message}.`.replace('..', '.')
    throw new UserError('bad-updates', sentence, 'Write a list of updates.')
  }
  if (!isSeq(contents) || contents.items.length === 0) throw badUpdates('"updates" is not a list.')
  return contents.items.map((item, index) => {
    if (!isMap(item)) throw badUpdates(`"updates[${index}]" is not a map.`)
    return wanted(fieldsOf(item, `updates[${index}].`))
  })
}

function badUpdates(sentence: string): UserError {
  return new UserError('bad-updates', sentence, 'Write a list such as - {files: …, image: …}.')
}

function fieldsOf(map: YAMLMap, where: string): Fields {
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : '?'
    if (keys.includes(name)) continue
    throw new UserError('unknown-key', `"${where}${name}" is not known.`, `Known are ${keys.join(', ')}.`)
  }
  // The text exactly as written: 1.10 stays 1.10.
  const textOf = (node: unknown, name: string): string | undefined => {
    if (node === undefined) return undefined
    if (isAlias(node) || !isScalar(node)) throw badUpdates(`"${where}${name}" is not a single value.`)
    const text = (node.source ?? '').trim()
    if (text === '' && name !== 'value') {
      throw new UserError('empty-input', `"${where}${name}" is empty.`, 'Give it a value, or take it out.')
    }
    if (!/[\r\n\0]/.test(text) || name === 'files') return text
    throw new UserError(
      'bad-value',
      `"${where}${name}" has more than one line.`,
      'Write it on a single line.',
    )
  }
  const text = (name: string) => textOf(map.get(name, true), name)
  const files = map.get('files', true)
  return {
    where,
    file: text('file'),
    files: isSeq(files)
      ? files.items.map(item => textOf(item, 'files') ?? '')
      : (text('files') ?? '')
          .split('\n')
          .map(line => line.trim())
          .filter(line => line !== '' && !line.startsWith('#')),
    image: text('image'),
    match: text('match'),
    tag: text('tag'),
    digest: text('digest'),
    path: text('path'),
    value: map.has('value') ? valueOf(map.get('value', true), text('value') ?? '') : undefined,
    document: text('document'),
    expect: text('expect'),
    policy: text('policy'),
  }
}

/** Keeps its YAML type. */
function valueOf(node: unknown, text: string): Value {
  const isString = isScalar(node) && typeof node.value === 'string'
  return isString ? { kind: 'string', text: String(node.value) } : { kind: 'literal', text: text || 'null' }
}

function wanted(fields: Fields): WantedUpdate {
  const { where, image, path, expect } = fields
  if ((image === undefined) === (path === undefined)) {
    const sentence = `"${where}image" and "${where}path" are ${image === undefined ? 'both empty' : 'both given'}.`
    throw new UserError(
      image === undefined ? 'empty-input' : 'contradiction',
      sentence,
      'Give one of the two.',
    )
  }
  const update = image === undefined ? valueUpdate(fields, path ?? '') : imageUpdate(fields, image)
  selectsDocument(update.document)
  return { update, patterns: patternsOf(fields), expect: expectation(expect, `${where}expect`) }
}

function imageUpdate({ where, tag, digest, match, value, document, policy }: Fields, image: string): Update {
  parseReference(image)
  const written = splitReference(image)
  const [wantedTag, wantedDigest] = [tag ?? written.tag, digest ?? written.digest]
  if (value !== undefined) {
    throw new UserError('contradiction', `"${where}value" belongs to "path", not to "image".`, 'Take it out.')
  }
  if (wantedTag === undefined && wantedDigest === undefined) {
    const sentence = `"${where}image" is ${JSON.stringify(image)}, without tag and digest.`
    throw new UserError('empty-input', sentence, 'Pass push-image.ref, or give "tag" or "digest".')
  }
  if (wantedTag !== undefined && !/^\w[\w.-]{0,127}$/.test(wantedTag)) {
    const remedy = 'Write letters, digits, dots, dashes and underscores, at most 128.'
    throw new UserError('bad-value', `"${where}tag" is ${JSON.stringify(wantedTag)}.`, remedy)
  }
  if (wantedDigest !== undefined && !isDigest(wantedDigest)) {
    const sentence = `"${where}digest" is ${JSON.stringify(wantedDigest)}.`
    throw new UserError('bad-value', sentence, 'Write it as sha256: and 64 hexadecimal digits.')
  }
  if (policy !== undefined && match !== undefined) {
    const sentence = `"${where}match" and "${where}policy" are both given.`
    throw new UserError(
      'contradiction',
      sentence,
      'Keep one: a policy means the places that its markers name.',
    )
  }
  if (policy !== undefined && !/^[^\s:"]+:[^\s:"]+$/.test(policy)) {
    const sentence = `"${where}policy" is ${JSON.stringify(policy)}.`
    throw new UserError('bad-value', sentence, 'Write it as in the markers: namespace:name.')
  }
  return {
    kind: 'image',
    repository: written.name,
    ...(wantedTag === undefined ? {} : { tag: wantedTag }),
    ...(wantedDigest === undefined ? {} : { digest: wantedDigest }),
    ...(match === undefined ? {} : { match }),
    ...(policy === undefined ? {} : { policy }),
    ...(document === undefined ? {} : { document }),
  }
}

function valueUpdate({ where, value, tag, digest, match, policy, document }: Fields, path: string): Update {
  const stray = Object.entries({ tag, digest, match, policy }).find(([, text]) => text !== undefined)
  if (stray !== undefined) {
    throw new UserError(
      'contradiction',
      `"${where}${stray[0]}" belongs to "image", not to "path".`,
      'Take it out.',
    )
  }
  if (value === undefined) {
    const sentence = `"${where}value" is empty.`
    throw new UserError('empty-input', sentence, 'Give the value that shall stand at "path".')
  }
  parsePath(path)
  return { kind: 'value', path, value, ...(document === undefined ? {} : { document }) }
}

function patternsOf({ where, file, files, expect }: Fields): FilePatterns {
  if ((file === undefined) === (files.length === 0)) {
    const sentence = `"${where}files" is ${file === undefined ? 'empty' : `given beside "${where}file"`}.`
    const code = file === undefined ? 'empty-input' : 'contradiction'
    throw new UserError(code, sentence, 'Name the manifests of the config repository, as globs.')
  }
  for (const pattern of file === undefined ? files : [file]) {
    if (!/^!?\/|(?:^!?|\/)\.\.(?:\/|$)|\\/.test(pattern)) continue
    const sentence = `"${where}files" has ${JSON.stringify(pattern)}, which leaves the repository.`
    throw new UserError(
      'outside-repository',
      sentence,
      'Write paths from the root of the repository, with /.',
    )
  }
  const paths = file === undefined ? [] : [withoutDot(file)]
  const globs = files.map(withoutDot)
  // A plain path in "files" is held to be there, unless none is allowed; exclusions speak of globs only.
  const isPlain = (pattern: string) => expect !== 'any' && !/[*?[\]{}()!+@]/.test(pattern)
  return { paths: [...paths, ...globs.filter(isPlain)], globs: globs.filter(pattern => !isPlain(pattern)) }
}

function withoutDot(pattern: string): string {
  return pattern.replace(/^(!?)\.\//, '$1')
}

function expectation(text: string | undefined, name: string): WantedUpdate['expect'] {
  if (text === undefined) return 'some'
  if (text === 'any') return 'any'
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UserError('bad-value', `"${name}" is ${JSON.stringify(text)}.`, 'Write a number from 1, or any.')
}
