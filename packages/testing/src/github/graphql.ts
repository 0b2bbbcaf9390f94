// The GraphQL interface: documents are checked and answered against GitHub's own schema, by GraphQL's own implementation.
import { buildSchema, execute, parse, validate } from 'graphql'
import type { GraphQLError, GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { mutations } from './mutations.ts'
import { repositoryNode } from './nodes.ts'
import { OutsideOfDescription, Refusal } from './refusal.ts'
import type { Call } from './route.ts'
import { userShape } from './shapes/repository.ts'

export type GraphCall = Omit<Call<unknown>, 'repository' | 'body'>

let shared: Promise<GraphQLSchema> | undefined

/** Read at the first use, once a process. */
const schema = () => (shared ??= read())

async function read(): Promise<GraphQLSchema> {
  const { schema: description } = await import('@octokit/graphql-schema')
  return buildSchema(description.idl, { assumeValid: true })
}

/** Every field that a document asks for must be there, even as null: nothing is left out without a word. */
const fieldResolver: GraphQLFieldResolver<unknown, GraphCall> = (source, arguments_, call, info) => {
  const value =
    typeof source === 'object' && source !== null
      ? Object.entries(source).find(([name]) => name === info.fieldName)?.[1]
      : undefined
  if (value === undefined)
    throw new OutsideOfDescription(`${info.parentType.name}.${info.fieldName} is not built here.`)
  return typeof value === 'function' ? value(arguments_, call) : value
}

/**
 * The answer to one request, in GitHub's form.
 *
 * @throws OutsideOfDescription
 */
export async function answerGraphql(body: unknown, call: GraphCall): Promise<unknown> {
  const gitHub = await schema()
  if (!isRecord(body) || typeof body['query'] !== 'string')
    throw new OutsideOfDescription('There is no query.')
  const { query, variables } = body
  const document = parseDocument(query)
  const wrong = validate(gitHub, document)
  if (wrong.length > 0) throw new OutsideOfDescription(wrong.map(({ message }) => message).join('; '))
  const { data, errors = [] } = await execute({
    schema: gitHub,
    document,
    variableValues: isRecord(variables) ? variables : {},
    contextValue: call,
    fieldResolver,
    rootValue: { ...queries, ...mutations },
  })
  if (errors.length === 0) return { data }
  const outside = errors.filter(error => !(error.originalError instanceof Refusal))
  if (outside.length > 0) throw new OutsideOfDescription(outside.map(({ message }) => message).join('; '))
  return { data, errors: errors.map(errorShape) }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function parseDocument(text: string) {
  try {
    return parse(text)
  } catch (error) {
    throw new OutsideOfDescription(error instanceof Error ? error.message : String(error))
  }
}

function errorShape({ message, path, locations, originalError }: GraphQLError) {
  const type = originalError instanceof Refusal ? originalError.type : 'INTERNAL'
  return { type, path, locations, message }
}

const queries = {
  repository({ owner, name }: { owner: string; name: string }, call: GraphCall) {
    const repository = call.state.find(owner, name)
    if (repository !== undefined) return repositoryNode(repository, call)
    throw new Refusal(404, `Could not resolve to a Repository with the name '${owner}/${name}'.`)
  },
  viewer: (_: unknown, { places, asker }: GraphCall) => {
    const { login, node_id: id, html_url: url } = userShape(places, asker.login)
    return { __typename: 'User', login, id, url }
  },
  rateLimit: (_: unknown, { limits }: GraphCall) => ({
    cost: 1,
    limit: limits.requests,
    used: limits.used,
    remaining: limits.requests - limits.used,
    nodeCount: 0,
  }),
}
