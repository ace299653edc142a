// tests/power/power.mjs
//
// A folder whose every change is written down (lose.h), cuts of the power in it, and what the disk was left with.
import { execFile, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { promisify } from 'node:util'

export { SEED, seeded } from '../e2e/seeded.mjs'

const programs = new URL('../../build/release/tests/power/', import.meta.url).pathname
export const program = (name) => `${programs}${name}`
export const SKEIN = process.env.TEST_BINARY ?? new URL('../../build/release/skein', import.meta.url).pathname
const DEADLINE_MS = 120_000
export const LOSSES = ['all', 'half', 'last']

// Places of struct lose_state, eight bytes each.
const STATE = ['events', 'cutAt', 'writes', 'fullFrom', 'fullUntil', 'realSyncs']

// Runs a program to its end: {status, signal, stdout, stderr}.
export async function run(file, args, options = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, { maxBuffer: 1 << 28, timeout: DEADLINE_MS, ...options })
    return { status: 0, signal: null, stdout, stderr }
  } catch (error) {
    if (typeof error.code === 'string') throw error
    return { status: error.code, signal: error.signal, stdout: error.stdout, stderr: error.stderr }
  }
}

// A place for one run, removed after it: `live` is the folder that is watched, `base` a copy of it from before the run.
// `from`: what it begins with. `t` is node:test's context.
export function watchedFolder(t, from = null) {
  const place = fs.mkdtempSync(`${os.tmpdir()}/skein-power-`)
  t?.after(() => fs.rmSync(place, { recursive: true, force: true }))
  const [live, base, record, state] = ['live', 'base', 'record', 'state'].map((name) => `${place}/${name}`)
  if (from) fs.cpSync(from, base, { recursive: true })
  else fs.mkdirSync(base)
  fs.cpSync(base, live, { recursive: true })
  fs.writeFileSync(record, '')
  fs.writeFileSync(state, Buffer.alloc(8 * STATE.length))

  const access = (name, use) => {
    const file = fs.openSync(state, 'r+')
    const bytes = Buffer.alloc(8)
    try {
      return use(file, bytes, 8 * STATE.indexOf(name))
    } finally {
      fs.closeSync(file)
    }
  }
  let outs = 0
  return {
    place,
    live,
    record,
    env: { LD_PRELOAD: program('lose.so'), LOSE_FOLDER: live, LOSE_LOG: record, LOSE_STATE: state },
    get: (name) =>
      access(name, (file, bytes, at) => {
        fs.readSync(file, bytes, 0, 8, at)
        return Number(bytes.readBigUInt64LE())
      }),
    set: (name, value) =>
      access(name, (file, bytes, at) => {
        bytes.writeBigUInt64LE(BigInt(value))
        fs.writeSync(file, bytes, 0, 8, at)
      }),
    position: () => fs.statSync(record).size,

    // The record as lines: [at, process, what, path, ...].
    async list() {
      const { stdout } = await run(program('lose_disk'), ['list', record])
      return stdout.split('\n').filter(Boolean).map((line) => line.split(' '))
    },

    // The folder that a cut leaves, as a new folder. Options as those of lose_disk.
    async rebuild(options) {
      const out = `${place}/out${(outs += 1)}`
      const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
      const { status, stderr } = await run(program('lose_disk'), ['rebuild', base, record, out, ...words])
      if (status !== 0) throw new Error(stderr)
      return out
    },
  }
}

// Starts a program in the watched folder's world; like tests/e2e's start, the child has `output`, and a deadline.
export function start(file, args, env) {
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  child.said = () => stdout
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  child.output = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => {
      clearTimeout(deadline)
      resolve({ status, signal, stdout, stderr })
    })
  })
  return child
}

// Every file of a folder, as {path: bytes}; what SQLite shares in memory is none.
export function filesOf(folder) {
  const files = {}
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      for (const [name, bytes] of Object.entries(filesOf(path))) files[`${entry.name}/${name}`] = bytes
    } else if (entry.isFile() && !entry.name.endsWith('-shm')) {
      files[entry.name] = fs.readFileSync(path, 'latin1')
    }
  }
  return files
}
