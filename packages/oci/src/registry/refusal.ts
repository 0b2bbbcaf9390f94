// What a registry's no means to a person.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { withoutSecrets, type HttpResponse } from '@gitops-relay/http'
import type { Credential } from './authorization.ts'

/** @param what it was asked for, as in `does not let us upload a layer` */
export async function refusal(
  response: HttpResponse,
  what: string,
  name: string,
  credential: Credential | undefined,
): Promise<UserError> {
  const { status, url } = response
  const said = (await response.text(10_000).catch(() => '')).replace(/\s+/g, ' ').trim().slice(0, 300)
  const sentence = `${name} does not let us ${what}: ${status} from ${withoutSecrets(url)}${said && `, ${said}`}.`
  if ([401, 403, 404].includes(status)) {
    const remedy =
      credential === undefined
        ? 'Give "username" and "password", or log in before this step.'
        : 'Give a credential that may push to this repository, and see that the repository exists.'
    return new UserError('registry-denied', sentence, remedy)
  }
  const mayPass = status >= 500 || status === 429
  const remedy = mayPass ? 'Try again later, or ask who runs the registry.' : 'Ask who runs the registry.'
  return new UserError('registry-failed', sentence, remedy)
}
