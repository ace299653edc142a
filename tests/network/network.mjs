// tests/network/network.mjs
//
// Runs a command beside a local Bluesky: starts the servers, builds communities in it, runs the command, stops all.
//
// usage: node network.mjs [--state DIR] [--community NAME]... -- COMMAND [ARGUMENT]...
//
// DIR receives network.json (the servers' URLs) and for each community a folder with its X side (community.mjs says
// what lies there); without --state it is a temporary folder, removed at the end. The command's environment has what
// makes skein talk to this network and to nothing else (SKEIN_BLUESKY_APPVIEW and so on) and TEST_STATE=DIR.
// Its exit status is this program's. Several may run side by side: each has its own ports and folders.
//
// As a module: startNetwork(), for tests that want one of their own.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'

const READY_DEADLINE_MS = 180_000
const STOP_DEADLINE_MS = 20_000

const say = (words) => process.stderr.write(`network: ${words}\n`)

// Starts the servers; `env` adds to their environment (ports, rate limits). Resolves to their ready line with settle(),
// label() and stop(). They stop by themselves when this process ends, however it ends.
export async function startNetwork(env = {}) {
  const servers = spawn(process.execPath, [...process.execArgv, `${import.meta.dirname}/servers.mjs`], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C is for the command; the servers stop after it
  })
  const ended = new Promise((resolve) => servers.once('exit', resolve))
  const ready = new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('the servers did not start in time')), READY_DEADLINE_MS)
    ended.then((status) => reject(new Error(`the servers ended with status ${status}`)))
    readline.createInterface(servers.stdout).on('line', (line) => {
      if (!line.startsWith('{"ready":true')) return process.stderr.write(`${line}\n`)
      clearTimeout(deadline)
      resolve(JSON.parse(line))
    })
  })
  const stop = async () => {
    servers.stdin.end()
    const late = setTimeout(() => servers.kill('SIGKILL'), STOP_DEADLINE_MS)
    await ended
    clearTimeout(late)
  }
  try {
    return { ...connectNetwork(await ready), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// The actions of a running network, from its ready line (network.json).
export function connectNetwork(ready) {
  const control = async (action, body = {}) => {
    const response = await fetch(`${ready.control}/${action}`, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
  }
  return { ...ready, settle: () => control('settle'), label: (did, label) => control('label', { did, label }) }
}

// Settings by which skein reaches this network, and nothing beyond it.
export const skeinSettings = (network) => ({
  SKEIN_BLUESKY_APPVIEW: network.appview,
  SKEIN_PLC: network.plc,
  SKEIN_HANDLE_DOMAINS: network.handle_domain,
  SKEIN_HANDLE_RESOLVER: network.pds,
  SKEIN_ALLOW_LOOPBACK: '1',
})

function readArguments(argv) {
  const args = { state: null, communities: [], command: [] }
  while (argv.length > 0) {
    const word = argv.shift()
    if (word === '--state') args.state = path.resolve(argv.shift() ?? '')
    else if (word === '--community') args.communities.push(argv.shift())
    else if (word === '--') args.command = argv.splice(0)
    else throw new Error(`unknown argument ${word}`)
  }
  if (args.command.length === 0) throw new Error('a command is needed behind --')
  return args
}

// Runs the command to its end. A signal that asks us to stop is passed on; Ctrl-C reaches it by itself.
function runCommand([command, ...args], env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'inherit' })
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${command}: ${error.message}`)
      resolve(127)
    })
    child.once('exit', (status, signal) => resolve(status ?? 128 + os.constants.signals[signal]))
  })
}

async function main() {
  const args = readArguments(process.argv.slice(2))
  const state = args.state ?? fs.mkdtempSync(`${os.tmpdir()}/skein-state-`)
  fs.mkdirSync(state, { recursive: true })
  say('starting a local Bluesky: PLC directory, PDS, AppView, Ozone')
  const network = await startNetwork()
  try {
    say(`ready in ${(network.ready_ms / 1000).toFixed(1)} s`)
    fs.writeFileSync(`${state}/network.json`, JSON.stringify(network, null, 2))
    const { buildCommunities } = await import('./community.mjs')
    await buildCommunities(network, args.communities, state, say)
    return await runCommand(args.command, { ...skeinSettings(network), TEST_STATE: state })
  } finally {
    await network.stop()
    if (!args.state) fs.rmSync(state, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().then(
    (status) => process.exit(status),
    (error) => {
      say(error.message)
      process.exit(1)
    },
  )
}
