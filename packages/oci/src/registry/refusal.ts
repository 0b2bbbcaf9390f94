// What a registry's no means to a person.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { withoutSecrets, type HttpResponse } from '@gitops-relay/http'
import type { Credential } from './authorization.ts'

export interface Refusing {
  /** Host, as in a reference. */
  registry: string
  repository: string
  credential: Credential | undefined
}

interface Answer extends Refusing {
  status: number
  /** Codes of the distribution specification, and the whole text in lower case: some say it only there. */
  said: string
  retryAfter: string | null
}

interface Cause {
  code: string
  remedy: string
  applies: (answer: Answer) => boolean
}

const denied = ({ status }: Answer) => status === 401 || status === 403
const isGithub = ({ registry }: Answer) => registry === 'ghcr.io'

/** The first that applies. Texts as the registries write them; recorded in refusal.test.ts. */
const CAUSES: Cause[] = [
  {
    code: 'immutable-tag',
    remedy: 'Push under another tag, set "if-tag-exists" to skip, or let the registry overwrite tags.',
    applies: ({ status, said }) => [400, 403, 409, 412].includes(status) && /immutab/.test(said),
  },
  {
    code: 'registry-quota',
    remedy: 'Delete images there, or ask for more room.',
    applies: ({ said }) =>
      /quota|exceed the configured upper limit|storage limit|insufficient[ _]storage/.test(said),
  },
  {
    code: 'registry-busy',
    remedy: 'Run the step again later; logged in, most registries allow more.',
    applies: ({ status, said }) => status === 429 || /toomanyrequests/.test(said),
  },
  {
    code: 'blob-missing',
    remedy: 'Run the step again; a registry that cleans up while others push loses layers.',
    applies: ({ said }) => /manifest_blob_unknown/.test(said),
  },
  {
    code: 'media-type-refused',
    remedy: 'Update the registry, or use "compression: gzip", which every registry takes.',
    applies: ({ status, said }) =>
      status === 415 ||
      (status < 500 && /unsupported media ?type|manifest schema unsupported|unknown media type/.test(said)),
  },
  {
    code: 'repository-missing',
    remedy: 'Create the repository, or its project, in the registry before the first push.',
    applies: ({ status, said }) =>
      status === 404 &&
      /name_unknown|repository.*(?:not found|does not exist)|project .*not found/.test(said),
  },
  {
    code: 'too-large',
    remedy: 'Make the layer smaller, or let the registry and the proxies in front of it take more.',
    applies: ({ status }) => status === 413,
  },
  {
    code: 'registry-denied',
    remedy: 'Give "username" and "password", or log in before this step.',
    applies: answer => denied(answer) && answer.credential === undefined && !isGithub(answer),
  },
  {
    code: 'registry-denied',
    remedy: 'Give the job "permissions: packages: write"; a run of a fork has only read.',
    applies: answer =>
      isGithub(answer) &&
      denied(answer) &&
      (answer.credential === undefined ||
        /installation not allowed|expected scopes|resource not accessible/.test(answer.said)),
  },
  {
    code: 'registry-denied',
    remedy:
      'Under "Manage Actions access" of the package, add this repository with the role Write; the job needs "permissions: packages: write".',
    applies: answer => isGithub(answer) && denied(answer),
  },
  {
    code: 'registry-denied',
    remedy:
      'The registry does not take this login: correct "username" and "password", or log in again before this step.',
    applies: ({ status, said }) => status === 401 && !/insufficient_scope/.test(said),
  },
  {
    code: 'registry-denied',
    remedy: 'Give a credential that may push to this repository, and see that the repository exists.',
    applies: answer => denied(answer) || answer.status === 404,
  },
  {
    code: 'registry-failed',
    remedy: 'Try again later, or ask who runs the registry.',
    applies: ({ status }) => status >= 500,
  },
]

/** @param what it was asked for, as in `does not let us upload a layer` */
export async function refusal(response: HttpResponse, what: string, about: Refusing): Promise<UserError> {
  const { status, url, headers } = response
  const text = (await response.text(64 * 1024).catch(() => '')).replace(/\s+/g, ' ').trim()
  const retryAfter = headers.get('retry-after')
  const challenge = headers.get('www-authenticate') ?? ''
  const answer = { ...about, status, said: `${text} ${challenge}`.toLowerCase(), retryAfter }
  const cause = CAUSES.find(({ applies }) => applies(answer))
  const wait =
    status === 429 && retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
      ? `, which asks to wait ${retryAfter} s`
      : ''
  const sentence = `${about.registry}/${about.repository} does not let us ${what}: ${status} from ${withoutSecrets(url)}${text && `, ${withoutTokens(text).slice(0, 300)}`}${wait}.`
  return new UserError(
    cause?.code ?? 'registry-failed',
    sentence,
    cause?.remedy ?? 'Ask who runs the registry.',
  )
}

/** Storage behind a registry quotes its own addresses, with what signs them. */
const withoutTokens = (text: string) =>
  text.replace(/([?&][\w.-]*(?:state|token|sig|signature|x-amz-[\w-]+|x-goog-[\w-]+)=)[^&\s"']+/gi, '$1…')
