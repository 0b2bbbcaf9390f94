// The face of every action: its life, its inputs, what it prints and leaves behind.
export { checkInputs } from './input-check.ts'
export { createInputReader, type InputReader } from './input-reader.ts'
export { codeBlock, details, escapeMarkdown, inlineCode, table } from './markdown.ts'
export { formsOf } from './masks.ts'
export { neutralise } from './neutralise.ts'
export { Cancelled, run, type Body } from './run.ts'
export type * from './types.ts'
export { UserError } from './user-error.ts'
