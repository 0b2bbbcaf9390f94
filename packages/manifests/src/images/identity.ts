// Does a text in a manifest name the image that is meant?
import { parseReference } from '@gitops-relay/oci/reference'
import type { ImageUpdate } from '../types.ts'

/** A reference as it is spelled: the name keeps its short form. */
export interface Spelled {
  name: string
  tag?: string
  digest?: string
}

/** Splits at the first `@`, then at a `:` behind the last `/`: a port is not a tag. */
export function splitReference(text: string): Spelled {
  const [front = '', digest] = text.split('@', 2)
  const colon = front.indexOf(':', front.lastIndexOf('/') + 1)
  return {
    name: colon < 0 ? front : front.slice(0, colon),
    ...(colon < 0 ? {} : { tag: front.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  }
}

export function joinReference({ name, tag, digest }: Spelled): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Normalised `registry/repository`; `undefined` for what is no reference, such as a template. */
export function normalName(text: string): string | undefined {
  try {
    return parseReference(text).name
  } catch {
    return undefined
  }
}

/** The normalised name under which the manifests know the image. */
export function knownName({ match, repository }: ImageUpdate): string | undefined {
  return normalName(match ?? repository)
}

/** What an image reference becomes in the form that stands there: its own name, unless `match` says that another is meant. */
export function rewritten(old: Spelled, update: ImageUpdate): Spelled {
  const { tag, digest } = update
  return {
    name: nameAfter(old.name, update),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

export function nameAfter(name: string, { repository }: ImageUpdate): string {
  return normalName(name) === normalName(repository) ? name : repository
}
