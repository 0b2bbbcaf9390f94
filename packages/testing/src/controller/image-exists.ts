// Asks a registry whether it has an image, as a node would before it pulls.

/** An image of another host, or one that nobody may ask for, counts as there. */
export async function imageExists(image: string, registry: string | undefined): Promise<boolean> {
  if (registry === undefined) return true
  const { host, origin } = new URL(registry)
  if (!image.startsWith(`${host}/`)) return true
  const [, repository, tag, digest] =
    /^([^@]+?)(?::([^:/@]+))?(?:@(.+))?$/.exec(image.slice(host.length + 1)) ?? []
  const answer = await fetch(`${origin}/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`, {
    method: 'HEAD',
  })
  return answer.status !== 404
}
