// Real servers on loopback for tests: any of Node's, and a proxy that brings every tunnel to one place.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** Disposing cuts every connection, tunnels too. */
export async function listen(server: Server) {
  const sockets: Socket[] = []
  server.on('connection', socket => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // oxlint-disable-line no-unsafe-type-assertion -- a TCP server
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    /** Every connection that was ever made. */
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

export interface Tunnel {
  to: string | undefined
  authorization: string | undefined
  proxyAuthorization: string | undefined
}

/** A real proxy, which brings every CONNECT to one port and keeps what it was asked for. */
export function proxyTo(port: number) {
  const asked: Tunnel[] = []
  const server = createServer().on('connect', ({ url, headers }, client) => {
    asked.push({
      to: url,
      authorization: headers.authorization,
      proxyAuthorization: headers['proxy-authorization'],
    })
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    onward.on('error', () => client.destroy())
    client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
  })
  return { server, asked }
}
