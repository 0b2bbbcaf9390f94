// Text and wanted change in; edits, their proof and their names out. Pure: no file, no clock, no network.
export { unifiedDiff } from './diff.ts'
export { editManifest } from './edit.ts'
export { parsePath } from './path.ts'
export { ProofFailed } from './prove.ts'
export { joinReference, splitReference } from './images/identity.ts'
export { selectsDocument } from './document-selector.ts'
export type { Change, Edit, Edited, Held, ImageUpdate, Update, Value, ValueUpdate } from './types.ts'
