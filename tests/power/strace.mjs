// tests/power/strace.mjs
//
// What strace saw a program do to the files of a folder, in the words of lose_disk list.
import fs from 'node:fs'
import { run } from './power.mjs'

export const STRACE = ['-f', '-y', '-s', '1', '-e', 'trace=%file,%desc']

// Whether processes may be traced here: some containers forbid it.
export async function straceWorks() {
  try {
    return (await run('strace', ['-o', '/dev/null', 'true'])).status === 0
  } catch {
    return false
  }
}

const WRITES = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'sendfile', 'copy_file_range', 'splice']
const SIZES = ['ftruncate', 'truncate', 'fallocate']
const NAMES = { rename: 'rename', renameat: 'rename', renameat2: 'rename', link: 'link', linkat: 'link' }
const GONE = { unlink: 'unlink', unlinkat: 'unlink', rmdir: 'rmdir' }

// Lines "pid call(arguments) = result"; calls that another thread interrupted are put together again.
function callsOf(file) {
  const open = new Map()
  const calls = []
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (!pid) continue
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    if (unfinished) {
      open.set(pid, unfinished[1])
      continue
    }
    const whole = resumed ? `${open.get(pid)}${resumed[1]}` : rest
    const call = /^(\w+)\((.*)\) += (-?\d+)/.exec(whole)
    if (call && Number(call[3]) >= 0) calls.push({ name: call[1], words: call[2], result: Number(call[3]) })
  }
  return calls
}

// Sorted lines "write /x.db-wal 4096", "sync /x.db", "open /x.db made", ... for the files in `folder`.
export function straceLines(file, folder) {
  const lines = []
  const made = new Set()
  const inside = (path) => (path === folder ? '/' : path?.startsWith(`${folder}/`) ? path.slice(folder.length) : null)
  for (const { name, words, result } of callsOf(file)) {
    const opened = inside(/^\d+<([^>]*)>/.exec(words)?.[1])
    const quoted = [...words.matchAll(/"([^"]*)"/g)].map((match) => inside(match[1]))
    if ([opened, ...quoted].some((path) => path?.endsWith('-shm'))) continue
    if (opened && WRITES.includes(name)) lines.push(`write ${opened} ${result}`)
    else if (opened && SIZES.includes(name)) lines.push(`size ${opened}`)
    else if (opened && ['fsync', 'fdatasync'].includes(name)) lines.push(`sync ${opened}`)
    else if (quoted[0] && NAMES[name]) lines.push(`${NAMES[name]} ${quoted[0]} ${quoted[1]}`)
    else if (quoted[0] && name === 'unlinkat' && words.includes('AT_REMOVEDIR')) lines.push(`rmdir ${quoted[0]}`)
    else if (quoted[0] && GONE[name]) lines.push(`${GONE[name]} ${quoted[0]}`)
    else if (quoted[0] && name.startsWith('mkdir')) lines.push(`mkdir ${quoted[0]}`)
    if (!quoted[0] || !['open', 'openat', 'creat'].includes(name)) continue
    if (made.has(quoted[0]) && words.includes('O_TRUNC')) lines.push(`size ${quoted[0]}`)
    if (/O_CREAT|creat/.test(name + words)) made.add(quoted[0])
  }
  return [...lines, ...[...made].map((path) => `open ${path}`)].sort()
}

// The same of the record.
export async function recordLines(watched) {
  const lines = []
  const made = new Set()
  for (const [, , what, path, ...rest] of await watched.list()) {
    if (what === 'write') lines.push(`write ${path} ${rest[1]}`)
    else if (what === 'size') lines.push(`size ${path}`)
    else if (what === 'sync' || what === 'sync-folder') lines.push(`sync ${path}`)
    else if (what === 'rename' || what === 'link') lines.push(`${what} ${path} ${rest[0]}`)
    else if (what !== 'open') lines.push(`${what} ${path}`)
    else if (rest[0] === 'made') made.add(path)
  }
  return [...lines, ...[...made].map((path) => `open ${path}`)].sort()
}
