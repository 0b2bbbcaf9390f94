// One cluster, user or context of a kubeconfig, read field by field and never guessed at.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { resolve } from 'node:path'
import { object, type Fields } from '../fields.ts'
import type { Source } from './connection.ts'

/** All may throw UserError `kubeconfig-field`. */
export interface Entry {
  /** For sentences: `user "deployer"`. */
  readonly name: string
  /** Absolute; where the relative paths of the entry begin. */
  readonly directory: string
  /** Empty where the field is missing. */
  text(field: string): string
  flag(field: string): boolean
  fields(field: string): Fields | undefined
  list(field: string): readonly unknown[]
  /** A map inside the entry as an entry; empty where it is missing. */
  within(field: string): Entry
  /** `<field>-data`, decoded, before the file that `<field>` names. */
  source(field: string): Source | undefined
  refuse(field: string, problem: string): UserError
}

export function readEntry(name: string, fields: Fields, directory: string): Entry {
  const refuse = (field: string, problem: string) =>
    new UserError(
      'kubeconfig-field',
      `"${field}" of ${name} in the kubeconfig ${problem}.`,
      'Correct the kubeconfig; `kubectl config view` shows how it is understood.',
    )
  const text = (field: string) => {
    const value = fields[field] ?? ''
    if (typeof value === 'string') return value
    throw refuse(field, 'is not text; put it in quotes')
  }
  const decoded = (field: string) => {
    const base64 = text(field).replaceAll(/\s/g, '')
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
      throw refuse(field, 'is not base64')
    return Buffer.from(base64, 'base64').toString()
  }
  const map = (field: string) => {
    const value = fields[field] ?? undefined
    if (value === undefined || (typeof value === 'object' && !Array.isArray(value)))
      return value && object(value)
    throw refuse(field, 'is not a map')
  }
  return {
    name,
    directory,
    text,
    refuse,
    flag(field) {
      const value = fields[field] ?? false
      if (typeof value === 'boolean') return value
      throw refuse(field, 'is neither true nor false')
    },
    fields: map,
    list(field) {
      const value = fields[field] ?? []
      if (Array.isArray(value)) return value
      throw refuse(field, 'is not a list')
    },
    within: field => readEntry(`"${field}" of ${name}`, map(field) ?? {}, directory),
    source(field) {
      const inline = decoded(`${field}-data`)
      if (inline !== '') return { text: inline }
      const file = text(field)
      return file === '' ? undefined : { file: resolve(directory, file) }
    },
  }
}
