// tests/power/shim.test.mjs
//
// The test of the test: that the record holds everything that was done, and that a store which does not sync, or a disk
// which lies, is found out.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { filesOf, LOSSES, program, run, SEED, seeded, start, watchedFolder } from './power.mjs'
import { recordLines, STRACE, straceLines, straceWorks } from './strace.mjs'

const ROWS = 40

// Everything that a program may do to files, by a runtime that is not ours.
const MANY_CALLS = `
  const fs = require('fs')
  const at = (name) => process.env.LOSE_FOLDER + '/' + name
  const file = fs.openSync(at('a'), 'w+')
  fs.writeSync(file, 'one')
  fs.writeSync(file, 'two', 100)
  fs.writevSync(file, [Buffer.from('three'), Buffer.from('four')])
  fs.writevSync(file, [Buffer.from('five'), Buffer.from('six')], 50)
  fs.ftruncateSync(file, 90)
  fs.fsyncSync(file)
  fs.writeSync(file, 'seven', 10)
  fs.fdatasyncSync(file)
  fs.closeSync(file)
  fs.appendFileSync(at('a'), 'eight')
  fs.appendFileSync(at('b'), 'nine')
  fs.truncateSync(at('b'), 2)
  fs.mkdirSync(at('folder'))
  fs.renameSync(at('b'), at('folder/c'))
  fs.linkSync(at('a'), at('folder/d'))
  fs.writeFileSync(at('e'), 'ten')
  fs.writeFileSync(at('e'), 'eleven')
  fs.unlinkSync(at('e'))
  fs.mkdirSync(at('gone'))
  fs.rmdirSync(at('gone'))
  fs.fsyncSync(fs.openSync(at('.'), 'r'))
`

const sqliteWriter = (watched, synchronous, rows = ROWS) => [
  program('sqlite_writer'),
  ['write', `${watched.live}/x.db`, synchronous, String(rows)],
]

const checkRows = (folder, rows) => run(program('sqlite_writer'), ['check', `${folder}/x.db`, String(rows)])

const PROGRAMS = {
  'SQLite': (watched) => sqliteWriter(watched, 'FULL'),
  'a program that makes every call': () => [process.execPath, ['-e', MANY_CALLS]],
}

for (const [name, command] of Object.entries(PROGRAMS)) {
  test(`the record of ${name} is what strace saw, and gives the same folder`, async (t) => {
    if (!(await straceWorks())) return t.skip('strace is not here, or may not trace')
    const watched = watchedFolder(t)
    watched.set('realSyncs', 1)
    const [file, args] = command(watched)
    const seen = `${watched.place}/strace`
    const environment = Object.entries(watched.env).flatMap(([key, value]) => ['-E', `${key}=${value}`])
    const { status, stderr } = await run('strace', [...STRACE, '-o', seen, ...environment, file, ...args])
    assert.equal(status, 0, stderr)

    const recorded = await recordLines(watched)
    assert.ok(recorded.length > 20)
    assert.deepEqual(recorded, straceLines(seen, watched.live))
    const left = await watched.rebuild({ loss: 'nothing' })
    assert.deepEqual(filesOf(left), filesOf(watched.live))
  })
}

test('what the record cannot follow is refused, not believed', async (t) => {
  const watched = watchedFolder(t)
  const by = { env: { ...process.env, ...watched.env } }
  const { status } = await run('sed', ['-n', `w ${watched.live}/copy`, '/dev/null'], by) // stdio's streams
  assert.equal(status, 0)
  await assert.rejects(watched.rebuild({ loss: 'nothing' }), /the record cannot tell what was done/)
})

test('names whose folder was not synced are lost, or come back', async (t) => {
  const base = watchedFolder(t)
  for (const name of ['old', 'renamed', 'kept']) fs.writeFileSync(`${base.live}/${name}`, name)
  const watched = watchedFolder(t, base.live)
  const synced = (name) => `{ const f = fs.openSync('${name}', 'w'); fs.writeSync(f, 'x'); fs.fsyncSync(f) }`
  const code = `const fs = require('fs'); process.chdir(process.env.LOSE_FOLDER)
    ${synced('first')}
    fs.fsyncSync(fs.openSync('.', 'r'))
    ${synced('second')}
    fs.unlinkSync('old')
    fs.renameSync('renamed', 'anew')`
  const { status, stderr } = await run(process.execPath, ['-e', code], { env: { ...process.env, ...watched.env } })
  assert.equal(status, 0, stderr)
  const names = async (loss) => Object.keys(filesOf(await watched.rebuild({ loss }))).sort()
  assert.deepEqual(await names('all'), ['first', 'kept', 'old', 'renamed'])
  assert.deepEqual(await names('last'), ['first', 'kept', 'renamed', 'second'])
  assert.deepEqual(await names('nothing'), ['anew', 'first', 'kept', 'second'])
})

// One run is enough for many cuts: the record is played up to each n-th entry. What is not there, cut by cut.
async function* losses(t, synchronous, { every, ...options }) {
  const watched = watchedFolder(t)
  const { status, stdout, stderr } = await start(...sqliteWriter(watched, synchronous), watched.env).output
  assert.equal(status, 0, stderr)
  const acknowledged = stdout.trimEnd().split('\n').map((line) => Number(line.split(' ')[1]))
  const moments = (await watched.list()).map(([at]) => Number(at)).filter((_, i) => i % every === every - 1)
  assert.ok(moments.length > 20)
  const random = seeded(SEED)
  for (const until of moments.filter((at) => at > acknowledged[0])) {
    for (const loss of LOSSES) {
      const left = await watched.rebuild({ loss, until, seed: random.below(2 ** 31), ...options })
      const { status, stdout } = await checkRows(left, acknowledged.filter((position) => position <= until).length)
      fs.rmSync(left, { recursive: true })
      if (status !== 0) yield `${loss} lost at ${until}: ${stdout}`
    }
  }
}

test('SQLite with synchronous = FULL loses nothing, wherever the cut comes', async (t) => {
  t.diagnostic(`SKEIN_SEED=${SEED}`)
  for await (const loss of losses(t, 'FULL', { every: 11 })) assert.fail(loss)
})

test('synchronous = OFF, and a disk that lies about the WAL, lose what was acknowledged', async (t) => {
  const finds = async (...options) => !(await losses(t, ...options).next()).done
  assert.ok(await finds('OFF', { every: 11 }))
  assert.ok(await finds('FULL', { every: 11, lying: '-wal' }))
})

test('processes of a run all end at the cut, and the record ends there', async (t) => {
  const watched = watchedFolder(t)
  watched.set('cutAt', 200)
  const first = await start(...sqliteWriter(watched, 'FULL', 5000), watched.env).output
  assert.equal(first.signal, 'SIGKILL')
  const ended = watched.position()
  const second = await start(...sqliteWriter(watched, 'FULL', 10), watched.env).output
  assert.equal(second.signal, 'SIGKILL')
  assert.equal(watched.position(), ended)
})

test('the disk is full from the n-th write on: SQLite says so, and works again when there is room', async (t) => {
  const watched = watchedFolder(t)
  watched.set('fullFrom', 100)
  const full = await start(...sqliteWriter(watched, 'FULL'), watched.env).output
  assert.equal(full.status, 1)
  assert.match(full.stdout, /database or disk is full|disk I\/O error/)
  watched.set('fullFrom', 0)
  const rows = full.stdout.split('\n').filter((line) => /^\d+ \d+$/.test(line)).length
  assert.ok(rows > 5)
  const { status, stdout } = await checkRows(watched.live, rows)
  assert.equal(status, 0, stdout)
})
