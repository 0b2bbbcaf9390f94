// For tables of cases: a text in which `‹old→new›` stands for what is written.
import { expect } from '@jest/globals'
import { editManifest } from '../edit.ts'
import type { Edited, ImageUpdate, Update } from '../types.ts'

export const A = `sha256:${'a'.repeat(64)}`
export const B = `sha256:${'b'.repeat(64)}`
export const shop: ImageUpdate = { kind: 'image', repository: 'reg.example/shop', tag: 'v2' }
export const pinned: ImageUpdate = { ...shop, digest: B }

export function edit(text: string, update: Update | Update[] = shop, file = 'values.yaml'): Edited {
  return editManifest(file, new TextEncoder().encode(text), [update].flat(), 0)
}

/** Exactly what is marked is written, as LF and as CRLF, and nothing the second time; there and back is where it began. */
export function expectWritten(marked: string, update: Update | Update[] = shop, file = 'values.yaml'): void {
  for (const eol of ['\n', '\r\n']) {
    const text = marked.replaceAll('\n', eol)
    const before = text.replaceAll(/‹([^›]*?)→[^›]*›/g, '$1')
    const after = text.replaceAll(/‹[^›]*?→([^›]*)›/g, '$1')
    const edited = edit(before, update, file)
    expect(edited.after).toBe(after)
    expect(edited.changes.every(({ line }) => line > 0)).toBe(true)
    expect(edit(after, update, file)).toMatchObject({ edits: [], places: edited.places })
  }
}
