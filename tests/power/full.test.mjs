// tests/power/full.test.mjs
//
// The disk is full: at the n-th write of a command, for every n, and a small disk that really is.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import test from 'node:test'
import { exporterCsv, makePeople } from '../e2e/archives.mjs'
import { run, SEED, seeded, SKEIN, watchedFolder } from './power.mjs'

const EVERY = process.env.POWER_EVERY_WRITE === '1' // all, or a sample of about SAMPLE
const SAMPLE = 12
const people = makePeople(seeded(SEED), 400)

const command = (data, env = {}) => (args) =>
  run(SKEIN, args, { env: { ...process.env, SKEIN_DATA: data, SKEIN_LOG_LEVEL: 'error', ...env } })

const importArgs = (file, community = 'fans') => ['import', file, '--community', community, '--format', 'json']

// What a store shows of the group: ids in order, or null where there is no such group.
async function shown(does, community = 'fans') {
  const { status, stdout } = await does(['moved', '--all', '--community', community, '--format', 'json'])
  if (status !== 0) return null
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).x.id).sort()
}

const idsOf = (list) => list.map(({ id }) => id).sort()

async function assertClean(does) {
  const { status, stdout, stderr } = await does(['check'])
  assert.equal(status, 0, stdout + stderr)
}

// A store in which 100 people are, made once.
async function storeWith(t, list) {
  const watched = watchedFolder(t)
  const does = command(`${watched.live}/data`)
  const file = `${watched.place}/before.csv`
  fs.writeFileSync(file, exporterCsv(list))
  const { status, stderr } = await does(importArgs(file))
  assert.equal(status, 0, stderr)
  return watched.live
}

// Runs the command with a disk that is full from write n on (0: never).
async function withFull(t, base, args, n) {
  const watched = watchedFolder(t, base)
  watched.set('fullFrom', n)
  const output = await command(`${watched.live}/data`, watched.env)(args)
  const writes = watched.get('writes')
  return { output, writes, watched, does: command(`${watched.live}/data`) }
}

// Which n are tried: all, or the first and last few and some between.
function sampleOf(random, writes) {
  if (EVERY) return Array.from({ length: writes }, (_, i) => i + 1)
  const chosen = [1, 2, writes, ...Array.from({ length: SAMPLE - 3 }, () => 1 + random.below(writes))]
  return [...new Set(chosen)].sort((a, b) => a - b)
}

const BASES = { 'the first import of all': [], 'an import into a store': people.slice(0, 100) }

for (const [what, before] of Object.entries(BASES)) {
  test(`${what}, the disk full at each write: said clearly, nothing half stored, and later it works`, async (t) => {
    t.diagnostic(`SKEIN_SEED=${SEED}`)
    const base = before.length > 0 ? await storeWith(t, before) : null
    const folder = fs.mkdtempSync(`${os.tmpdir()}/skein-full-`)
    t.after(() => fs.rmSync(folder, { recursive: true }))
    const file = `${folder}/list.csv`
    fs.writeFileSync(file, exporterCsv(people.slice(50)))
    const all = idsOf(before.length > 0 ? people : people.slice(50))
    const old = before.length > 0 ? idsOf(before) : null

    const free = await withFull(t, base, importArgs(file), 0)
    assert.equal(free.output.status, 0, free.output.stderr)
    const ns = sampleOf(seeded(SEED), free.writes)
    let refused = 0
    for (const n of ns) {
      const { output, watched, does } = await withFull(t, base, importArgs(file), n)
      const about = `write ${n} of ${free.writes}: ${output.stdout}${output.stderr}`
      if (output.status === 0) {
        assert.deepEqual(await shown(does), all, about)
      } else {
        refused += 1
        assert.equal(output.status, 1, about)
        assert.match(about, /the disk is full|whether the disk is full|no space left/i)
        assert.deepEqual(await shown(does), old, about)
      }
      if (output.status === 0 || old) await assertClean(does)
      const again = await does(importArgs(file))
      assert.equal(again.status, 0, `${about}; later: ${again.stderr}`)
      assert.deepEqual(await shown(does), all, about)
      await assertClean(does)
      fs.rmSync(watched.place, { recursive: true })
    }
    t.diagnostic(`${free.writes} writes; of ${ns.length} tried, ${refused} ended the import`)
    assert.ok(refused >= ns.length / 3)
  })
}

test('hiding somebody while the disk is full: refused and said, or kept; later it works', async (t) => {
  const base = await storeWith(t, people.slice(0, 20))
  const args = ['person', 'hide', people[3].handle]
  const left = idsOf(people.slice(0, 20).filter((_, i) => i !== 3))
  const free = await withFull(t, base, args, 0)
  assert.equal(free.output.status, 0, free.output.stderr)
  for (const n of sampleOf(seeded(SEED), free.writes)) {
    const { output, does } = await withFull(t, base, args, n)
    const about = `write ${n} of ${free.writes}: ${output.stderr}`
    if (output.status === 0) assert.deepEqual(await shown(does), left, about)
    else assert.match(about, /the disk is full|whether the disk is full|no space left/i)
    assert.equal((await does(args)).status, 0, about)
    assert.deepEqual(await shown(does), left, about)
    await assertClean(does)
  }
})

// A disk of 16 MB, where mounting is allowed.
function smallDisk(t) {
  const folder = fs.mkdtempSync(`${os.tmpdir()}/skein-disk-`)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    fs.rmdirSync(folder)
    t.skip(`a disk of 16 MB cannot be mounted here: ${String(error.stderr ?? error).trim()}`)
    return null
  }
  t.after(() => {
    execFileSync('umount', [folder])
    fs.rmdirSync(folder)
  })
  return folder
}

test('a disk of 16 MB that is full: the import is refused, what was there stays; with room it goes in', async (t) => {
  const disk = smallDisk(t)
  if (!disk) return
  const place = fs.mkdtempSync(`${os.tmpdir()}/skein-full-`)
  t.after(() => fs.rmSync(place, { recursive: true }))
  const does = command(`${disk}/data`)
  const small = `${place}/small.csv`
  const large = `${place}/large.csv`
  const crowd = makePeople(seeded(SEED + 1), 20_000)
  fs.writeFileSync(small, exporterCsv(people))
  fs.writeFileSync(large, exporterCsv(crowd))
  assert.equal((await does(importArgs(small))).status, 0)
  const { bavail, bsize } = fs.statfsSync(disk)
  fs.writeFileSync(`${disk}/filler`, Buffer.alloc(bavail * bsize - 256 * 1024))

  const { status, stdout, stderr } = await does(importArgs(large))
  assert.equal(status, 1, stderr)
  assert.match(stdout + stderr, /the disk is full/)
  assert.deepEqual(await shown(does), idsOf(people))
  await assertClean(does)

  fs.rmSync(`${disk}/filler`)
  const again = await does(importArgs(large))
  assert.equal(again.status, 0, again.stderr)
  assert.deepEqual(await shown(does), idsOf([...people, ...crowd]))
  await assertClean(does)
})
