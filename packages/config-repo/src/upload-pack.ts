// What a git server is asked for over HTTP in protocol version 2: the tip of a branch, and a pack of just the objects that are wanted.
import type { Http } from '@gitops-relay/http'
import { decodePackets, encodePackets, type Packet } from './packets.ts'

export interface UploadPackOptions {
  http: Http
  /** Of the repository, https or http. */
  url: string
  token: string | undefined
}

export interface Wish {
  wants: readonly string[]
  /** `tree:0`: the wanted objects alone; `blob:none`: all trees below them, too. Other filters are not taken everywhere. */
  filter: 'tree:0' | 'blob:none'
  /** So many commits of history. */
  depth?: number
  /** Commits that are here with all that comes before them, up to the shallow ones. */
  haves?: readonly string[]
  shallow?: readonly string[]
}

export interface Pack {
  bytes: Buffer
  /** Commits whose parents were left out. */
  shallow: string[]
}

/** Any answer that is not as it should be is an Error: the caller then asks by git itself, whose words are understood. */
export interface UploadPack {
  /** The commit of a ref, by its full name; `undefined` where there is none. */
  tip(ref: string, signal: AbortSignal): Promise<string | undefined>
  pack(wish: Wish, signal: AbortSignal): Promise<Pack>
}

const LARGEST = 256 * 1024 * 1024

/** By gitprotocol-v2, without asking for the server's capabilities first: every request stands alone. */
export function uploadPack({ http, url, token }: UploadPackOptions): UploadPack {
  const authorization =
    token === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` }

  async function ask(command: string, lines: readonly string[], signal: AbortSignal): Promise<Packet[]> {
    const response = await http.send({
      method: 'POST',
      url: `${url.replace(/\/$/, '')}/git-upload-pack`,
      headers: {
        ...authorization,
        'git-protocol': 'version=2',
        'content-type': 'application/x-git-upload-pack-request',
        accept: 'application/x-git-upload-pack-result',
      },
      body: encodePackets([`command=${command}`, 'agent=gitops-relay', 'delimiter', ...lines, 'flush']),
      signal,
    })
    const type = response.headers.get('content-type')
    if (response.status !== 200 || type !== 'application/x-git-upload-pack-result') {
      await response.discard()
      throw new Error(`git-upload-pack answered ${response.status} with ${type ?? 'nothing'}.`)
    }
    return decodePackets(await response.bytes(LARGEST))
  }

  return {
    async tip(ref, signal) {
      const packets = await ask('ls-refs', [`ref-prefix ${ref}`], signal)
      const lines = packets.map(packet => (packet.kind === 'data' ? packet.bytes.toString().trim() : ''))
      const found = lines.map(line => /^([\da-f]{40}|[\da-f]{64}) (\S+)/.exec(line))
      return found.find(match => match?.[2] === ref)?.[1]
    },
    async pack({ wants, filter, depth, haves = [], shallow = [] }, signal) {
      const lines = [
        'ofs-delta',
        'no-progress',
        ...(wants[0]?.length === 64 ? ['object-format=sha256'] : []),
        `filter ${filter}`,
        ...(depth === undefined ? [] : [`deepen ${depth}`]),
        ...shallow.map(oid => `shallow ${oid}`),
        ...wants.map(oid => `want ${oid}`),
        ...haves.map(oid => `have ${oid}`),
        'done',
      ]
      return readPack(await ask('fetch', lines, signal))
    },
  }
}

/** Sections, each with its title first; in the last one the first byte of each packet names its band. */
function readPack(packets: readonly Packet[]): Pack {
  const shallow: string[] = []
  const pieces: Buffer[] = []
  let section = ''
  for (const packet of packets) {
    if (packet.kind !== 'data') section = ''
    else if (section === '') section = packet.bytes.toString().trim()
    else if (section === 'packfile') {
      const [band] = packet.bytes
      if (band === 1) pieces.push(packet.bytes.subarray(1))
      if (band === 3) throw new Error(`The server gave up: ${packet.bytes.subarray(1).toString()}`)
    } else {
      const [, oid] = /^shallow ([\da-f]+)/.exec(packet.bytes.toString()) ?? []
      if (section === 'shallow-info' && oid !== undefined) shallow.push(oid)
    }
  }
  const bytes = Buffer.concat(pieces)
  if (bytes.toString('latin1', 0, 4) === 'PACK') return { bytes, shallow }
  throw new Error('The server sent no pack.')
}
