// What the API server would let us do, without doing it.
import { object, text } from '../fields.ts'
import type { KubeClient } from './client.ts'

export interface Access {
  /** As RBAC calls it: `get`, `list`, `watch`, `patch`. */
  readonly verb: string
  /** Empty for the core group. */
  readonly group: string
  /** `pods`, or with a subresource `pods/log`. */
  readonly resource: string
  /** Undefined: all namespaces, or a resource of the cluster. */
  readonly namespace?: string
  readonly name?: string
}

const REVIEWS = { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews' }

/** Asked of the server's own authorizers; every user may ask it of himself. `reason` may be empty. */
export async function canI(
  client: KubeClient,
  { verb, group, resource, namespace, name }: Access,
  signal: AbortSignal,
): Promise<{ allowed: boolean; reason: string }> {
  const [plural = '', subresource] = resource.split('/')
  const review = await client.ask(
    REVIEWS,
    {
      apiVersion: `${REVIEWS.group}/${REVIEWS.version}`,
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: {
          verb,
          group,
          resource: plural,
          ...(subresource === undefined ? {} : { subresource }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(name === undefined ? {} : { name }),
        },
      },
    },
    signal,
  )
  const { allowed, denied, reason } = object(review['status'])
  return { allowed: allowed === true && denied !== true, reason: text(reason) }
}
