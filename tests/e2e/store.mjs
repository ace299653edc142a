// tests/e2e/store.mjs
//
// A server's data folder and database for one test, and the real binary on it.
//
//     const store = await newStore(t, 'PostgreSQL')
//     await store.import([file], { community: 'fans', as: 'ada' })   // {status, stderr, seconds, lines}
//     await store.moved({ community: 'fans', as: 'ada' })            // the same
//     const server = await serve(t, store)                          // {child, url, load(), metrics(), stop()}
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { after } from 'node:test'
import { postgresProgram, startPostgres } from '../network/postgres.mjs'
import { closedPort, run, start, temporaryFolder } from './skein.mjs'

export const DATABASES = ['SQLite', 'PostgreSQL']

// One cluster for a test file, a database in it for each store.
let cluster = null
let databases = 0
after(async () => {
  await cluster?.stop()
  if (cluster) fs.rmSync(cluster.folder, { recursive: true, force: true })
})

async function newDatabase() {
  if (!cluster) {
    const folder = `${fs.mkdtempSync(`${os.tmpdir()}/skein-pg-`)}`
    fs.chmodSync(folder, 0o755) // where root runs the tests, PostgreSQL runs as another user
    cluster = { folder, ...(await startPostgres(`${folder}/pg`)) }
  }
  const name = `store${(databases += 1)}`
  const made = spawnSync(postgresProgram('psql'), [cluster.url, '-qc', `CREATE DATABASE ${name}`], { encoding: 'utf8' })
  assert.equal(made.status, 0, made.stderr)
  return cluster.url.replace('/postgres?', `/${name}?`)
}

const words = (options) => Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])

// JSON lines as objects.
export const linesOf = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line))

// A new store. Nothing is made of it yet but the folder around it, `place`, in which tests may put their uploads.
export async function newStore(t, database = 'SQLite', more = {}) {
  const place = temporaryFolder(t)
  const settings = { SKEIN_DATA: `${place}/data`, ...more }
  if (database === 'PostgreSQL') settings.SKEIN_DATABASE = await newDatabase()
  const skein = (args, env = {}) => run(args, { ...settings, ...env })
  const json = async (args) => {
    const output = await skein([...args, '--format', 'json'])
    return { ...output, lines: linesOf(output.stdout) }
  }
  let files = 0
  return {
    place,
    settings,
    data: settings.SKEIN_DATA,
    skein,
    json,
    // Bytes as a new file, whose name ends so.
    file(end, bytes) {
      const path = `${place}/upload${(files += 1)}${end}`
      fs.writeFileSync(path, bytes)
      return path
    },
    import: (paths, options) => json(['import', ...paths, ...words(options)]),
    match: (options) => json(['match', ...words(options)]),
    moved: (options) => json(['moved', '--all', ...words(options)]),
    pairsImport: (path, options) => skein(['pairs', 'import', path, '--state', 'confirmed', ...words(options)]),
    hide: (handle) => skein(['person', 'hide', handle]),
    check: () => skein(['check']),
  }
}

// Starts a server on the store and waits until it answers. stop() ends it as an operator does, and says how long it took.
export async function serve(t, store) {
  const port = await closedPort()
  const child = start(['serve'], { ...store.settings, SKEIN_LISTEN: `127.0.0.1:${port}` })
  t.after(() => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  const answers = async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok
  for (let i = 0; !(await answers()); i++) {
    if (child.exitCode !== null || child.signalCode !== null || i === 400) {
      child.kill('SIGKILL')
      throw new Error(`skein serve did not answer: ${(await child.output).stderr}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return {
    child,
    port,
    url,
    load: (atOnce) => startLoad(url, atOnce),
    async stop() {
      const told = performance.now()
      child.kill('SIGTERM')
      const output = await child.output
      return { ...output, took: (performance.now() - told) / 1000 }
    },
  }
}

// A number of the server's /metrics.
export async function metric(server, name) {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? []
  assert.ok(value, `${name} is not in /metrics`)
  return Number(value)
}

// People who ask for pages one after the other, `atOnce` of them, until stop(): {answered, refused, slowest (seconds)}.
function startLoad(url, atOnce) {
  const seen = { answered: 0, refused: [], slowest: 0 }
  let stopped = false
  const ask = async (path, expected) => {
    const from = performance.now()
    const answer = await fetch(`${url}${path}`)
    await answer.text()
    seen.answered += 1
    seen.slowest = Math.max(seen.slowest, (performance.now() - from) / 1000)
    if (answer.status !== expected) seen.refused.push(`${path}: ${answer.status}`)
  }
  const visitor = async () => {
    while (!stopped) {
      await ask('/healthz', 200)
      await ask('/metrics', 200)
      await ask('/no-such-page', 404)
    }
  }
  const visitors = Array.from({ length: atOnce }, () =>
    visitor().catch((error) => stopped || seen.refused.push(String(error.cause ?? error))),
  )
  return {
    seen,
    async stop() {
      stopped = true
      await Promise.all(visitors)
      return seen
    },
  }
}

// X ids of lines, as text, in order.
export const idsOf = (lines) => lines.map((line) => line.x.id).sort()
