// The commit message: a subject that says what changes, the changes, the trailers.
import { splitReference, type Change, type ImageUpdate, type Update } from '@gitops-relay/manifests'
import type { Bump } from './plan.ts'
import type { Source } from './source.ts'

export interface Wording {
  /** Template with placeholders; empty: our own. */
  template: string
  updates: readonly Update[]
  source: Source
  changeId: string
  /** Further lines `Key: value`. */
  trailers: readonly string[]
}

/** Lines of the body, at most. */
const listed = 50

export function commitMessage({ changes, files }: Pick<Bump, 'changes' | 'files'>, wording: Wording): string {
  const words = wordsOf(changes, [...files.keys()], wording)
  const template = wording.template || ownTemplate(changes, words)
  const subject = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole)
  const lines = changes.slice(0, listed).map(changeLine)
  if (changes.length > listed) lines.push(`- and ${changes.length - listed} more`)
  return `${plain(subject)}\n\n${lines.join('\n')}\n\n${trailersFor(wording).join('\n')}\n`
}

function changeLine({ file, path, old, new: now }: Change): string {
  return plain(`- ${file} ${path}: ${old || '(none)'} → ${now || '(none)'}`).slice(0, 500)
}

/** Does a message of ours say that its commit wrote what the change finds? */
export function saysItWrote(message: string, { file, path, old }: Change): boolean {
  const [start, end] = [plain(`- ${file} ${path}: `), plain(`→ ${old || '(none)'}`)]
  return message.split('\n').some(line => line.startsWith(`${start} `) && line.endsWith(` ${end}`))
}

/** Old values are foreign text: one line of it, so that it can be no trailer. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim()
}

function ownTemplate(changes: readonly Change[], { old, new: now }: Record<string, string>): string {
  if (old !== '' && now !== '') return 'deploy({app}): {image} {old} → {new}'
  return `deploy({app}): ${changes.length} changes in {files}`
}

/** What the placeholders stand for; `old` and `new` are empty where there is more than one. */
function wordsOf(
  changes: readonly Change[],
  files: readonly string[],
  { updates, source }: Wording,
): Record<string, string> {
  const images = updates.filter(update => update.kind === 'image')
  const versions = changes.flatMap(versionChange)
  return {
    app: shortList(
      updates.map(update => (update.kind === 'image' ? lastOf(update) : folderOf(files[0] ?? ''))),
    ),
    image: shortList(updates.map(update => (update.kind === 'image' ? shortName(update) : update.path))),
    tag: one(images.map(({ tag = '' }) => tag)),
    digest: one(images.map(({ digest = '' }) => digest)),
    old: one(versions.map(({ old }) => old)),
    new: one(versions.map(({ now }) => now)),
    files: files.length === 1 ? (files[0] ?? '') : `${files.length} files`,
    source: source.commit.slice(0, 12),
  }
}

/** What all have; empty where they differ. */
function one(values: readonly string[]): string {
  return new Set(values).size === 1 ? (values[0] ?? '') : ''
}

/** Old and new as a person reads them: the tag, else the short digest. A digest beside a tag says nothing more. */
function versionChange(
  { path, old, new: now }: Change,
  _: number,
  all: readonly Change[],
): { old: string; now: string }[] {
  const field = /(?:^|[.\]])([A-Za-z]+)$/.exec(path)?.[1] ?? ''
  if (/^(?:newName|repository|registry)$/.test(field)) return []
  const isDigest = /^(?:digest|sha)$/.test(field)
  const siblings = all.filter(other => other.path !== path && parentOf(other.path) === parentOf(path))
  if (isDigest && siblings.some(other => /(?:tag|Tag)$/.test(other.path) && other.new !== '')) return []
  return [{ old: version(old), now: version(now) }]
}

function parentOf(path: string): string {
  return path.replace(/\.[^.[\]]+$/, '')
}

function version(text: string): string {
  if (text === '') return '(none)'
  if (text.startsWith('sha256:')) return text.slice(0, 19)
  const { tag, digest } = splitReference(text)
  return tag ?? digest?.slice(0, 19) ?? text.slice(0, 60)
}

function lastOf({ repository }: ImageUpdate): string {
  return repository.split('/').at(-1) ?? repository
}

/** Without the registry. */
function shortName({ repository }: ImageUpdate): string {
  const [first = '', ...rest] = repository.split('/')
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? rest.join('/') : repository
}

function folderOf(file: string): string {
  return file.split('/').at(-2) ?? file.replace(/\.[^.]*$/, '')
}

function shortList(words: readonly string[]): string {
  const unique = [...new Set(words)]
  return unique.length > 3
    ? `${unique.slice(0, 3).join(', ')} and ${unique.length - 3} more`
    : unique.join(', ')
}

function trailersFor({ updates, source, changeId, trailers }: Wording): string[] {
  const images = updates.flatMap(update => {
    if (update.kind !== 'image') return []
    const { repository, tag, digest } = update
    return [`${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`]
  })
  const reference = source.commit && [
    ['Argocd-reference-commit-repourl', source.url],
    ['Argocd-reference-commit-sha', source.commit],
    ['Argocd-reference-commit-author', source.author],
    ['Argocd-reference-commit-subject', source.subject],
    ['Argocd-reference-commit-date', source.date],
  ]
  return [
    ['Change-Id', changeId],
    ['Source-Repository', source.repository],
    ['Source-Commit', source.commit],
    ['Source-Run', source.run],
    ...[...new Set(images)].map(image => ['Image', image]),
    ...(reference || []),
  ]
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key = '', value = '']) => `${key}: ${plain(value)}`)
    .concat(trailers)
}
