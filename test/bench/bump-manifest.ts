// One value in repositories of growing size: the action, against what a workflow would do by hand.
import { createHash } from 'node:crypto'
import { gitServer, runAction, temporaryDirectory, type GitServer } from '@gitops-relay/testing'
import { measure, median, shell, type Bench, type Cost } from './bench.ts'

/** Rounds of each method; a clone of 100,000 files takes a minute. */
const ROUNDS: Record<string, number> = { 'clone, edit, push': 2 }
const MOST = 5
const SIZES = [2, 24_000, 100_000]
const TEAMS = 200
const file = 'teams/team-0/app-1/overlays/staging/kustomization.yaml'
const content = (tag: string) =>
  `resources: [../../base]\nimages:\n  - name: shop # one of many\n    newTag: ${tag}\n`

type Method = (git: GitServer, repo: string, tag: string, home: string) => Promise<void>

const methods: Record<string, Method> = {
  async 'bump-manifest'(git, repo, tag) {
    await using run = await runAction({
      action: 'bump-manifest',
      inputs: {
        repository: repo,
        branch: 'main',
        token: 'x',
        files: file,
        path: 'images[0].newTag',
        value: tag,
      },
      env: { GITHUB_SERVER_URL: git.origin },
    })
    if (run.outputs['result'] !== 'updated') throw new Error(run.log)
  },
  /** What a patient author of a workflow writes, without a work tree and without any guard. */
  async 'plumbing by hand'(git, repo, tag, home) {
    const script = `
      git clone -q --bare --depth 1 --filter=blob:none "$URL" repository
      cd repository
      git cat-file blob "main:$FILE" | sed "s/newTag: .*/newTag: $TAG/" > file
      blob=$(git hash-object -w file)
      git read-tree main
      git update-index --cacheinfo "100644,$blob,$FILE"
      commit=$(git commit-tree -p main -m bump "$(git write-tree --missing-ok)")
      git push -q origin "$commit:refs/heads/main"
    `
    await shell(script, { URL: git.url(repo), FILE: file, TAG: tag }, home)
  },
  async 'clone, edit, push'(git, repo, tag, home) {
    const script = `
      git clone -q --depth 1 "$URL" clone
      cd clone
      sed -i "s/newTag: .*/newTag: $TAG/" "$FILE"
      git commit -q -am "bump"
      git push -q origin HEAD:main
    `
    await shell(script, { URL: git.url(repo), FILE: file, TAG: tag }, home)
  },
}

/** Many applications of many teams, of three files each, as different from each other as digests and names make them. */
function tree(size: number): Record<string, string> {
  const files: Record<string, string> = { [file]: content('1.0.0'), 'README.md': 'All of it.\n' }
  for (let count = 2; count < size; count += 3) {
    const directory = `teams/team-${count % TEAMS}/app-${count}`
    const digest = createHash('sha512').update(directory).digest('hex')
    const labels = digest
      .match(/.{8}/g)
      ?.map(word => `    example.com/${word}: "${word}"\n`)
      .join('')
    files[`${directory}/base/deployment.yaml`] =
      `kind: Deployment\nmetadata:\n  name: app-${count}\n  labels:\n${labels}  image: shop@sha256:${digest.slice(64)}\n`
    files[`${directory}/base/service.yaml`] =
      `kind: Service\nmetadata:\n  name: app-${count}\n  uid: ${digest.slice(0, 64)}\n`
    files[`${directory}/overlays/staging/kustomization.yaml`] = content(`1.0.${count}`) + `# ${digest}\n`
  }
  return files
}

export const bench: Bench = {
  title: 'One value in a config repository over HTTP',
  async run() {
    await using git = await gitServer()
    await using home = await temporaryDirectory()
    const rows: (string | number)[][] = []
    for (const size of SIZES) {
      const repo = `acme/config-${size}`
      await git.createRepository(repo, tree(size))
      await git.git(repo, 'repack', '-adq')
      const costs = new Map(Object.keys(methods).map(name => [name, [] as Cost[]]))
      for (let round = 0; round < MOST; round++) {
        for (const [index, [name, method]] of Object.entries(methods).entries()) {
          if (round >= (ROUNDS[name] ?? MOST)) continue
          const tag = `2.${round}.${index}`
          const cost = await measure(git, () => method(git, repo, tag, home.path))
          if ((await git.read(repo, 'main', file)) !== content(tag)) throw new Error(`${name} did not land.`)
          costs.get(name)?.push(cost)
        }
      }
      const middle = (name: string, key: keyof Cost) => median((costs.get(name) ?? []).map(cost => cost[key]))
      for (const name of costs.keys()) {
        const [seconds, bytes] = (['seconds', 'bytes'] as const).map(key => middle(name, key))
        rows.push([
          size.toLocaleString('en'),
          name,
          `${seconds?.toFixed(2)} s`,
          `${((seconds ?? 0) / middle('bump-manifest', 'seconds')).toFixed(1)}×`,
          middle(name, 'requests'),
          `${((bytes ?? 0) / 1024).toFixed(0)} KiB`,
          `${((100 * (bytes ?? 0)) / middle('clone, edit, push', 'bytes')).toFixed(1)} %`,
        ])
      }
    }
    return {
      columns: ['files', 'how', 'time', 'of ours', 'requests', 'on the wire', 'of a shallow clone'],
      rows,
      notes: [
        `Medians of ${MOST} rounds (${ROUNDS['clone, edit, push']} of clones) on loopback; ours includes the start of its process.`,
      ],
    }
  },
}
