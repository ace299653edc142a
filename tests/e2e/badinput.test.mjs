// tests/e2e/badinput.test.mjs
//
// skein import of what is no list: one clear sentence, and nothing is stored.
import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import { exporterCsv, makePeople, xArchive } from './archives.mjs'
import { SEED, seeded } from './seeded.mjs'
import { idsOf, newStore } from './store.mjs'

const people = makePeople(seeded(SEED), 50)
const owner = { id: '8000000001', handle: 'ada' }
const archive = xArchive({ owner, following: people, mentioned: people.slice(0, 10) })

// What the file is, its bytes, and what a person must be able to do after reading the sentence.
const BAD = [
  ['an empty file', '.csv', '', /empty/],
  ['a text file named .zip', '.zip', 'Dear diary, today I left X.\n', /zip|list|handle/],
  ['a truncated zip', '.zip', archive.subarray(0, archive.length - 60), /whole|complete|cut|again|damaged|broken/],
  ['a CSV without handles', '.csv', 'city,founded on\nKiel an der Förde,12 May 1242\nBremen am Fluss,3 July 787\n', /handle|column/],
  ['an archive without following.js', '.zip', xArchive({ owner, following: [], without: ['following', 'tweets'] }), /follow/],
]

async function storeWithAda(t) {
  const store = await newStore(t)
  const { status, stderr } = await store.import([store.file('.zip', archive)], { community: 'fans', as: 'ada' })
  assert.equal(status, 0, stderr)
  const state = async () => {
    const { stdout: moved } = await store.moved({ community: 'fans', as: 'ada' })
    const checked = await store.check()
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
    return moved
  }
  return { store, state }
}

for (const [what, end, bytes, helps] of BAD) {
  test(`${what}: one sentence that names it and says what to do; nothing is stored`, async (t) => {
    const { store, state } = await storeWithAda(t)
    const before = await state()
    const file = store.file(end, bytes)
    for (const options of [{ community: 'fans', as: 'ada' }, { community: 'anew' }]) {
      const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
      const told = await store.skein(['import', file, ...words])
      assert.equal(told.status, 1, told.stdout + told.stderr)
      const sentence = told.stdout.trim().replace(/\s+/g, ' ')
      assert.ok(sentence.startsWith(`${path.basename(file)}: `), sentence)
      assert.match(sentence, helps)
      assert.ok(sentence.length < 400 && !told.stderr.includes('is new'), sentence + told.stderr)

      const { status, stderr, lines } = await store.import([file], options)
      assert.equal(status, 1, stderr)
      assert.equal(lines.length, 1)
      assert.deepEqual([lines[0].list, path.basename(lines[0].file)], [null, path.basename(file)])
      assert.match(lines[0].error, helps)
    }
    assert.equal(await state(), before)
    const anew = await store.moved({ community: 'anew' })
    assert.equal(anew.status, 1, 'a community was made for an upload that gave nothing')
  })
}

test('a bad file beside a good one: the good one is in, the bad one is named, the status is 1', async (t) => {
  const { store } = await storeWithAda(t)
  const good = store.file('.csv', exporterCsv(people.slice(0, 7)))
  const bad = store.file('.csv', '')
  const { status, stderr, lines } = await store.import([bad, good], { community: 'choir' })
  assert.equal(status, 1, stderr)
  assert.equal(lines.find((line) => line.error).file, path.basename(bad))
  assert.deepEqual(lines.map((line) => [line.list, line.read ?? null]).sort(), [[null, null], ['roster', 7]].sort())
  const moved = await store.moved({ community: 'choir' })
  assert.deepEqual(idsOf(moved.lines), people.slice(0, 7).map(({ id }) => id).sort())
})

test('a row that cannot be read is skipped, and its line is named', async (t) => {
  const store = await newStore(t)
  const rows = 'handle\nada_l\nthis is no handle\ngrace_h\n'
  const { status, stderr, lines } = await store.import([store.file('.csv', rows)], { community: 'fans' })
  assert.equal(status, 0, stderr)
  assert.deepEqual([lines[0].read, lines[0].skipped_total, lines[0].skipped[0].line], [2, 1, 3])
})

test('an archive of somebody else than the member it is imported for is refused', async (t) => {
  const { store, state } = await storeWithAda(t)
  const before = await state()
  const { status, lines } = await store.import([store.file('.zip', archive)], { community: 'fans', as: 'grace' })
  assert.equal(status, 1)
  assert.match(lines[0].error, /ada/)
  assert.equal(await state(), before)
})
