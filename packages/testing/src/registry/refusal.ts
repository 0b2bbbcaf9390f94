// A refusal in the words of the distribution specification ("Error Codes").
import { json } from '../loopback.ts'
import type { Answer } from '../loopback.ts'

const statuses = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  RANGE_INVALID: 416,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  TOO_LARGE: 413,
  UNAUTHORIZED: 401,
  UNSUPPORTED: 405,
}

export function refusal(
  code: keyof typeof statuses,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  return json(
    statuses[code],
    { errors: [{ code: code === 'TOO_LARGE' ? 'SIZE_INVALID' : code, message, detail: {} }] },
    headers,
  )
}
