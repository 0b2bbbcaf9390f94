// Where an answer sends us, and what may go there.
import { HttpError } from './http-error.ts'
import type { HttpRequest, HttpResponse } from './types.ts'

/**
 * The next request; undefined where the answer is no redirect.
 *
 * A credential stays with its origin, and nobody is led from https to plain http. By RFC 9110, section 15.4, what
 * follows a 303, and in practice a POST's 301 or 302, is a GET without the body.
 */
export function redirected(request: HttpRequest, from: URL, response: HttpResponse): HttpRequest | undefined {
  const location = response.headers.get('location')
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined
  const url = URL.parse(location, from.href)
  if (url === null) throw refusedRedirect('The server sends us on to what is no address.', from, response)
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw refusedRedirect(
      'The server sends us on from https to plain http; use its final address.',
      url,
      response,
    )
  }
  const { method = 'GET', headers = {}, body, ...rest } = request
  const sameOrigin = url.origin === from.origin
  const becomesRead =
    (response.status === 303 && method !== 'HEAD') || (response.status < 303 && method === 'POST')
  const kept = Object.entries(headers).filter(
    ([name]) =>
      (sameOrigin || !/^(?:authorization|cookie|proxy-authorization)$/i.test(name)) &&
      (!becomesRead || !/^content-/i.test(name)),
  )
  return {
    ...rest,
    url,
    headers: Object.fromEntries(kept),
    ...(becomesRead ? { method: 'GET' } : { method, ...(body === undefined ? {} : { body }) }),
  }
}

function refusedRedirect(message: string, url: URL, response: HttpResponse): HttpError {
  // Nobody waits for its end: the answer to the user does not depend on it.
  void response.discard()
  return new HttpError('redirects', message, { url, status: response.status })
}
