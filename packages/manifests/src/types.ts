// The words of this package: what is wanted, where it stands, what is done to the text.

/** One change of a manifest, as users, outputs and commit messages name it. */
export interface Change {
  file: string
  /** From 0; comments before the first `---` make no document. */
  document: number
  /** In the path syntax of `parsePath`. */
  path: string
  /** From 1, in the text before the change; for an added line, of the line above it. */
  line: number
  /** As text; empty where nothing stood. */
  old: string
  /** As text; empty where nothing stands any more. */
  new: string
}

/** Replaces `length` UTF-16 units of the original text at `offset`. */
export interface Edit {
  offset: number
  length: number
  text: string
}

/** What a scalar shall hold. */
export type Value =
  /** A string, whatever it looks like. */
  | { kind: 'string'; text: string }
  /** A number, boolean or null in YAML's own spelling. */
  | { kind: 'literal'; text: string }
  /** Has the type of what stands there: a string stays one, a number or boolean that reads as one stays plain. */
  | { kind: 'as-found'; text: string }

export interface ImageUpdate {
  kind: 'image'
  /** Repository as it is to be written, without tag and digest. */
  repository: string
  tag?: string
  digest?: string
  /** The name under which the manifests know the image, where that is not its repository. */
  match?: string
  /** A Flux image policy as `namespace:name`: the places that its markers name, and no others. */
  policy?: string
  /** Document selector, see `selectsDocument`. */
  document?: string
}

export interface ValueUpdate {
  kind: 'value'
  path: string
  value: Value
  document?: string
}

export type Update = ImageUpdate | ValueUpdate

/** A place that a hold comment keeps as it is. */
export interface Held {
  file: string
  document: number
  path: string
  line: number
  /** What stands there. */
  value: string
  reason?: string
  /** As written in the comment. */
  until?: string
}

export interface Edited {
  file: string
  before: string
  /** Equal to `before` when nothing was to be done. */
  after: string
  edits: Edit[]
  changes: Change[]
  held: Held[]
  /** Places found, for each update in order; those that held or had the value already count. */
  places: number[]
  /** What a person should know, as sentences. */
  notices: string[]
}
