// What differs between two trees, file by file.

export interface Change {
  path: string
  status: 'added' | 'removed' | 'modified'
  /** Of the blob afterwards, or of the removed one. */
  sha: string
  additions: number
  deletions: number
  patch: string
}

/** `--raw --numstat -z`: first a line and a path for each file, then its counts. */
export function changesOf(raw: string, patch: string): Change[] {
  const fields = raw.split('\0').filter(Boolean)
  const counts = new Map(
    fields
      .filter(field => !field.startsWith(':') && field.includes('\t'))
      .map(field => {
        const [additions = '0', deletions = '0', path = ''] = field.split('\t')
        return [path, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 }] as const
      }),
  )
  const hunks = patch.split(/^diff --git /m).slice(1)
  return fields.flatMap((field, index) => {
    if (!field.startsWith(':')) return []
    const [, , before = '', after = '', letter = 'M'] = field.split(' ')
    const path = fields[index + 1] ?? ''
    const status = letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified'
    const own = hunks.find(hunk => hunk.split('\n')[0]?.endsWith(` b/${path}`)) ?? ''
    const from = own.indexOf('\n@@')
    return [
      {
        path,
        status,
        sha: status === 'removed' ? before : after,
        ...(counts.get(path) ?? { additions: 0, deletions: 0 }),
        patch: from < 0 ? '' : own.slice(from + 1).trimEnd(),
      } as const,
    ]
  })
}
