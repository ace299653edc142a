// tests/e2e/skein.mjs
//
// Runs the real binary, and knows the communities beside which it runs, where there are any.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'

const binary = process.env.TEST_BINARY ?? new URL('../../build/release/skein', import.meta.url).pathname
const state = process.env.TEST_STATE
const DEADLINE_MS = 180_000

// Null where a test runs beside no network.
export const network = state ? JSON.parse(fs.readFileSync(`${state}/network.json`, 'utf8')) : null

// A folder for one test, removed after it (`t` is node:test's context).
export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(`${os.tmpdir()}/skein-e2e-`)
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

// Starts skein with the settings for this network, `env` over them. The child has `output`, a promise of
// {status, signal, stdout, stderr, seconds}.
export function start(args, env = {}) {
  const started = performance.now()
  const child = spawn(binary, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  child.output = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => {
      clearTimeout(deadline)
      resolve({ status, signal, stdout, stderr, seconds: (performance.now() - started) / 1000 })
    })
  })
  return child
}

export const run = (args, env) => start(args, env).output

// skein match on files with --format json and --stats: {status, stderr, seconds, lines, stats, text}.
export async function match(t, files, { options = [], env = {} } = {}) {
  const statsFile = `${temporaryFolder(t)}/stats.json`
  const output = await run(['match', ...files, '--format', 'json', '--stats', statsFile, ...options], env)
  const lines = output.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const stats = fs.existsSync(statsFile) ? JSON.parse(fs.readFileSync(statsFile, 'utf8')) : null
  return { ...output, text: output.stdout, lines, stats }
}

// A community's files and its truth: rows of truth.tsv as objects, by X id.
export function community(name) {
  const folder = `${state}/${name}`
  const [head, ...rows] = fs.readFileSync(`${folder}/truth.tsv`, 'utf8').trimEnd().split('\n')
  const columns = head.split('\t')
  const truth = rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [columns[i], cell])))
  const file = (path) => `${folder}/${path}`
  return {
    file,
    truth,
    byId: new Map(truth.map((person) => [person.id, person])),
    byHandle: new Map(truth.map((person) => [person.handle.toLowerCase(), person])),
    accounts: JSON.parse(fs.readFileSync(file('accounts.json'), 'utf8')),
  }
}

// A port on 127.0.0.1 that nobody listens on.
export function closedPort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
