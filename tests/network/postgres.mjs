// tests/network/postgres.mjs
//
// A PostgreSQL cluster for one run: made new, reached by a Unix socket, thrown away.
//
// It lives in a folder of its own, listens on no port (so any number run side by side) and writes nothing through to
// the disk. PostgreSQL refuses to run as root: then it runs as the user postgres, which Debian's package makes.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'

const SETTINGS = [
  'listen_addresses=',
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200', // the AppView, its data plane, bsync and Ozone each keep a pool
]

// Debian keeps each version's programs in a folder of its own, outside PATH.
function programFolder() {
  const root = '/usr/lib/postgresql'
  const versions = fs.existsSync(root) ? fs.readdirSync(root).map(Number).filter(Number.isFinite) : []
  for (const version of versions.sort((a, b) => b - a)) {
    if (fs.existsSync(`${root}/${version}/bin/initdb`)) return `${root}/${version}/bin`
  }
  throw new Error('PostgreSQL is not installed: apt-get install postgresql')
}

// The path of one of its programs, "psql".
export const postgresProgram = (name) => `${programFolder()}/${name}`

function ownerOf() {
  if (process.getuid() !== 0) return {}
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

// Starts a cluster in `folder` (made here). Returns its URL and stop(), which ends it and keeps nothing.
export async function startPostgres(folder) {
  const bin = programFolder()
  const owner = ownerOf()
  fs.mkdirSync(folder, { mode: 0o700 })
  if (owner.uid) fs.chownSync(folder, owner.uid, owner.gid)

  const run = { ...owner, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } }
  const data = `${folder}/data`
  const made = spawnSync(
    `${bin}/initdb`,
    ['-D', data, '-U', 'pg', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...run, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.error}`)

  const settings = [...SETTINGS, `unix_socket_directories=${folder}`].flatMap((setting) => ['-c', setting])
  const log = fs.openSync(`${folder}/log`, 'a')
  // detached: a Ctrl-C at the terminal is for whoever waits there; the servers must outlive it to stop in order.
  const server = spawn(`${bin}/postgres`, ['-D', data, ...settings], {
    ...run,
    detached: true,
    stdio: ['ignore', log, log],
  })
  fs.closeSync(log)
  const ended = new Promise((resolve) => server.once('exit', resolve))
  process.on('exit', () => server.kill('SIGQUIT')) // for the ways out on which nobody calls stop()

  const ready = () =>
    spawnSync(`${bin}/pg_isready`, ['-q', '-h', folder, '-U', 'pg', '-d', 'postgres'], { env: run.env }).status === 0
  for (let i = 0; !ready(); i++) {
    if (server.exitCode !== null || i === 300) {
      throw new Error(`PostgreSQL did not start:\n${fs.readFileSync(`${folder}/log`, 'utf8')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }

  return {
    url: `postgresql:///postgres?host=${encodeURIComponent(folder)}&user=pg`,
    async stop() {
      server.kill('SIGQUIT') // immediate: nothing of it is wanted any more
      await ended
    },
  }
}
