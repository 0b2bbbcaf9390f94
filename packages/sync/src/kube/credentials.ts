// The identity of a user, fresh whenever it is asked for.
import type { Connection } from './connection.ts'
import { checkPair, endOfToken, isSame, type Identity } from './identity.ts'
import type { Machine } from './machine.ts'
import { runPlugin, type Minted } from './plugin.ts'
import { readSource } from './source.ts'

/** Both may throw UserError `kube-file`, `kube-plugin`, `kube-certificate`, and whatever a mint throws. */
export interface Credentials {
  /** Read anew from files; minted again shortly before it ends. */
  current(): Promise<Identity>
  /** Another identity instead of one that was refused; undefined where there is no other. */
  renew(refused: Identity): Promise<Identity | undefined>
}

/** What ends sooner than this, in milliseconds, may end on the way. */
const MARGIN = 30_000

interface Held extends Minted {
  readonly renewAt: number
}

export function openCredentials(connection: Connection, machine: Machine): Credentials {
  const { login, certificate } = connection.user
  const owner = connection.name
  const mint = minting(connection, machine)
  let checked = ''
  let held: Promise<Held> | undefined

  function mintAgain(make: () => Promise<Held>): Promise<Held> {
    const made = make()
    held = made
    // A failure is told to who waits for it, and tried again by who comes next.
    made.catch(() => {
      if (held === made) held = undefined
    })
    return made
  }

  async function minted(make: () => Promise<Held>): Promise<Held> {
    const before = held ?? mintAgain(make)
    const credential = await before
    if (machine.clock.now() < credential.renewAt) return credential
    // Of several who find it old, the first renews it for all.
    return held === before || held === undefined ? mintAgain(make) : held
  }

  async function pair(given: Minted | undefined): Promise<{ certificate: string; key: string }> {
    const own = certificate && {
      certificate: await readSource(certificate.cert, `the client certificate of ${owner}`),
      key: await readSource(certificate.key, `the client key of ${owner}`),
    }
    const found = own ?? { certificate: given?.certificate ?? '', key: given?.key ?? '' }
    if (found.certificate !== '' && checked !== found.certificate + found.key) {
      checkPair(found.certificate, found.key, owner)
      checked = found.certificate + found.key
    }
    return found
  }

  async function authorization(given: Minted | undefined): Promise<string> {
    if (given) return given.token === '' ? '' : `Bearer ${given.token}`
    if (login.kind === 'token')
      return `Bearer ${(await readSource(login.token, `the token of ${owner}`)).trim()}`
    if (login.kind !== 'basic') return ''
    return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
  }

  async function current(): Promise<Identity> {
    const given = mint && (await minted(mint))
    return { authorization: await authorization(given), ...(await pair(given)) }
  }

  return {
    current,
    async renew(refused) {
      const before = held
      const now = await current()
      // Somebody renewed it in the meantime, or its file changed.
      if (!isSame(now, refused)) return now
      if (mint === undefined) return undefined
      if (held === before) await mintAgain(mint)
      const again = await current()
      return isSame(again, refused) ? undefined : again
    },
  }
}

/** How a credential is made; undefined where it is simply there. */
function minting(connection: Connection, machine: Machine): (() => Promise<Held>) | undefined {
  const { login } = connection.user
  const hold = (minted: Minted): Held => {
    const now = machine.clock.now()
    const end = minted.end ?? endOfToken(minted.token)
    return { ...minted, renewAt: end - Math.min(MARGIN, Math.max(0, end - now) / 2) }
  }
  if (login.kind === 'exec') return async () => hold(await runPlugin(login.plugin, connection, machine))
  if (login.kind !== 'mint') return undefined
  return async () => {
    const token = await login.mint()
    machine.mask(token)
    return hold({ token, certificate: '', key: '', end: undefined })
  }
}
