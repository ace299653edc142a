// tests/network/ports.mjs
//
// Ports on loopback that are free, or that the environment names.
//
// They are taken below the range from which the system gives outgoing connections theirs (32768 and up), so that none
// is lost between the look and its use.
import net from 'node:net'

const FIRST = 20_000
const LAST = 31_999
const given = new Set()

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)))
  })

// The port in the environment variable `name`, where it is set, else a free one that was not given before.
export async function findPort(name) {
  if (name && process.env[name]) return Number(process.env[name])
  for (let tries = 0; tries < 200; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1))
    if (!given.has(port) && (await isFree(port))) {
      given.add(port)
      return port
    }
  }
  throw new Error(`no free port between ${FIRST} and ${LAST} on 127.0.0.1`)
}
