// Evidence that the kernel ran out of memory for us.
import { readFileSync } from 'node:fs'

/** Kills that the cgroup of this process has counted so far; 0 where nothing counts them. */
export function outOfMemoryKills(): number {
  for (const path of ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control']) {
    try {
      return Number(/^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 0)
    } catch {
      // The other version of cgroups, or none.
    }
  }
  return 0
}
