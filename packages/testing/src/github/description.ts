// GitHub's own OpenAPI description: which operations there are, and whether requests and answers are as it says.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import { pathMatcher } from './path-matcher.ts'

type Schema = Record<string, unknown>

interface Parameter {
  name: string
  in: string
  required?: boolean
  schema: Schema
}

interface Body {
  required?: boolean
  content?: Record<string, { schema?: Schema }>
}

interface Described {
  operationId: string
  parameters?: (Parameter | Reference)[]
  requestBody?: Body
  responses: Record<string, Body | Reference>
}

interface Reference {
  $ref: string
}

interface Document {
  paths: Record<string, Record<string, Described> & { parameters?: (Parameter | Reference)[] }>
  components: Record<string, Record<string, unknown>>
}

/** One operation of the description. */
export interface Operation {
  /** Such as `GET /repos/{owner}/{repo}`. */
  route: string
  parameters: Readonly<Record<string, string>>
  /** What is wrong with a request; empty where all is well. */
  refuseRequest(query: URLSearchParams, body: unknown): string[]
  /** What is wrong with an answer; empty where all is well. */
  refuseAnswer(status: number, body: unknown): string[]
}

/** Answers that every operation may give, whether its own description lists them or not. */
const everywhere: Readonly<Record<number, string>> = {
  301: 'basic-error',
  401: 'basic-error',
  403: 'basic-error',
  404: 'basic-error',
  409: 'basic-error',
  422: 'validation-error',
  429: 'basic-error',
}

const formats = {
  // Its own default for some is an empty text.
  uri: (text: string) => text === '' || URL.canParse(text),
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  'repo.nwo': /^[^/\s]+\/[^/\s]+$/,
  'uri-template': true,
  int64: true,
} as const

let shared: ReturnType<typeof read> | undefined

/** Read at the first use, once a process; schemas are compiled as they are needed. */
export const description = () => (shared ??= read())

function read() {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi')
  const document: Document = JSON.parse(
    readFileSync(file.replace(/index\.js$/, 'generated/api.github.com.json'), 'utf8'),
  )
  const ajv = new Ajv({ strict: false, logger: false, formats, discriminator: false })
  // Comparisons are there twice, under two templates.
  const match = pathMatcher(Object.keys(document.paths).filter(path => !path.includes('...')))
  const known = new Set<string>()
  const compiled = new Map<string, ValidateFunction>()

  function resolved<T extends object>(value: T | Reference): T {
    if (!('$ref' in value)) return value
    const [, kind = '', name = ''] = /^#\/components\/([^/]+)\/(.+)$/.exec(value.$ref) ?? []
    const found = document.components[kind]?.[name]
    if (found === undefined) throw new Error(`The description has no ${value.$ref}.`)
    return found as T // oxlint-disable-line no-unsafe-type-assertion -- the description is what it is
  }

  /** Registers what a schema refers to, and what that refers to. */
  function register(value: unknown): void {
    if (Array.isArray(value)) value.forEach(register)
    if (!isRecord(value)) return
    const reference = value['$ref']
    if (typeof reference !== 'string') {
      Object.values(value).forEach(register)
    } else if (!known.has(reference)) {
      known.add(reference)
      const schema = resolved({ $ref: reference })
      register(schema)
      ajv.addSchema(modern(schema) as Schema, keyOf(reference)) // oxlint-disable-line no-unsafe-type-assertion -- an object gives an object
    }
  }

  function validator(key: string, schema: Schema): ValidateFunction {
    const there = compiled.get(key)
    if (there !== undefined) return there
    register(schema)
    const made = ajv.compile(modern(schema) as Schema) // oxlint-disable-line no-unsafe-type-assertion -- an object gives an object
    compiled.set(key, made)
    return made
  }

  const complaints = (key: string, schema: Schema, value: unknown): string[] => {
    const validate = validator(key, schema)
    if (validate(value)) return []
    return (validate.errors ?? []).slice(0, 6).map(({ instancePath, message, params }) => {
      const given = JSON.stringify(at(value, instancePath))?.slice(0, 120)
      return `${instancePath || 'the whole'} ${message} (${JSON.stringify(params)}), it is ${given}`
    })
  }

  return (method: string, path: string): Operation | undefined => {
    for (const { template, parameters } of match(path)) {
      const item = document.paths[template]
      const described = item?.[method.toLowerCase()]
      if (described === undefined) continue
      const route = `${method} ${template}`
      const wanted = [...(item?.parameters ?? []), ...(described.parameters ?? [])].map(entry =>
        resolved<Parameter>(entry),
      )
      return {
        route,
        parameters,
        refuseRequest(query, body) {
          return [
            ...queryComplaints(query),
            ...wanted
              .filter(({ in: place, required, name }) => place === 'query' && required && !query.has(name))
              .map(({ name }) => `the query has no ${name}`),
            ...bodyComplaints(body),
          ]
        },
        refuseAnswer(status, body) {
          const entry = described.responses[status]
          const content = entry === undefined ? undefined : resolved<Body>(entry).content
          const schema = content?.['application/json']?.schema ?? content?.['application/scim+json']?.schema
          if (schema !== undefined) return complaints(`${route} ${status}`, schema, body)
          if (entry !== undefined && [204, 304].includes(status))
            return body === undefined ? [] : ['the answer has a body']
          const general = everywhere[status]
          if (general !== undefined)
            return complaints(general, { $ref: `#/components/schemas/${general}` }, body)
          return entry === undefined && status !== 304 ? [`${status} is no answer of this operation`] : []
        },
      }

      function queryComplaints(query: URLSearchParams): string[] {
        return [...query].flatMap(([name, text]) => {
          const parameter = wanted.find(entry => entry.in === 'query' && entry.name === name)
          if (parameter === undefined) return [`the query must not have ${name}`]
          const { schema } = parameter
          const type = isReference(schema) ? resolved<Schema>(schema)['type'] : schema['type']
          return complaints(`${route} ?${name}`, schema, type === 'string' ? text : scalar(text)).map(
            wrong => `${name}: ${wrong}`,
          )
        })
      }

      function bodyComplaints(body: unknown): string[] {
        const { requestBody } = described ?? {}
        const schema = requestBody?.content?.['application/json']?.schema
        if (body === undefined) return requestBody?.required ? ['it has no body'] : []
        if (schema === undefined) return ['it must not have a body']
        // The description allows any other field; GitHub ignores it, so that a misspelt one goes unseen.
        const fields = isRecord(schema['properties']) ? Object.keys(schema['properties']) : undefined
        const foreign =
          fields === undefined || !isRecord(body)
            ? []
            : Object.keys(body).filter(name => !fields.includes(name))
        return [
          ...foreign.map(name => `the body must not have ${name}`),
          ...complaints(`${route} body`, schema, body),
        ]
      }
    }
    return undefined
  }
}

/** JSON Schema of what OpenAPI 3.0 writes: its `nullable` goes with any other word, the pointers become names. */
function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(modern)
  if (!isRecord(value)) return value
  const { nullable, example: _, examples: __, discriminator: ___, ...rest } = value
  const schema = Object.fromEntries(
    Object.entries(rest).map(([key, entry]) => [
      // Its alternatives overlap: an error of one kind is often one of another, too.
      key === 'oneOf' ? 'anyOf' : key,
      key === '$ref' && typeof entry === 'string'
        ? keyOf(entry)
        : key === 'enum' || key === 'default'
          ? entry
          : modern(entry),
    ]),
  )
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}

const keyOf = (reference: string) => `github:${reference.slice(2).replaceAll('/', ':')}`

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isReference = (schema: Schema): schema is Schema & Reference => typeof schema['$ref'] === 'string'

function scalar(text: string): unknown {
  if (/^-?\d+$/.test(text)) return Number(text)
  return text === 'true' ? true : text === 'false' ? false : text
}

function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (now, key) =>
        typeof now === 'object' && now !== null
          ? Object.entries(now).find(([name]) => name === key)?.[1]
          : undefined,
      value,
    )
}
