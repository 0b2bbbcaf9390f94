// Evidence that the kernel ran out of memory for us.
import { readFileSync } from 'node:fs'

/** Kills that the cgroup of this process has counted so far; 0 where nothing counts them. */
export function outOfMemoryKills(): number {
  const own = `/sys/fs/cgroup${ownGroup()}/memory.events`
  for (const path of [own, '/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control']) {
    try {
      return Number(/^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0)
    } catch {
      // The other version of cgroups, or none.
    }
  }
  return 0
}

/** Path of our group in the unified hierarchy; in a container it is the root. */
function ownGroup(): string {
  try {
    return /^0::(\/.+)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}
