// tests/e2e/archive300.test.mjs
//
// The way of one person's archive through the store, counted: 300 follows in, 180 of them named by the archive's own posts,
// 40 by an exporter's file, 80 by nothing; then looked for on the real AppView, and who has moved.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { choose, exporterCsv, readCsv, xArchive } from './archives.mjs'
import { SEED, seeded } from './seeded.mjs'
import { community } from './skein.mjs'
import { DATABASES, idsOf, newStore } from './store.mjs'

const MOVED = ['proven', 'confirmed', 'likely']
const large = community('large')
const owner = { id: '8000000300', handle: 'ada_on_x' }

// Who is named by what. The exporter's file has the bios and websites that the community's own list has.
function split() {
  const known = readCsv(fs.readFileSync(large.file('list.csv'), 'utf8')).map((row) => ({
    ...{ id: row.id, handle: row.screen_name, name: row.name, bio: row.description, website: row.website },
  }))
  const people = choose(seeded(SEED), known, known.length)
  return {
    people,
    mentioned: people.slice(0, 100),
    answered: people.slice(100, 180),
    exported: people.slice(180, 220),
    unnamed: people.slice(220),
  }
}

const { people, mentioned, answered, exported, unnamed } = split()
const options = { community: 'fans', as: owner.handle }

const countsOf = ({ list, source, read, added, dropped, unchanged, resolved }) =>
  ({ list, source, read, added, dropped, unchanged, resolved })

const resolved = (own) => ({ total: own, own, others: 0 })

async function importAll(store) {
  const archive = store.file('.zip', xArchive({ owner, following: people, mentioned, answered }))
  const exporter = store.file('.csv', exporterCsv(exported))
  const one = async (file, expected) => {
    const { status, stderr, lines } = await store.import([file], options)
    assert.equal(status, 0, stderr)
    assert.equal(lines.length, 1, JSON.stringify(lines))
    assert.deepEqual(countsOf(lines[0]), { list: 'following', dropped: 0, ...expected })
  }
  await one(archive, { source: 'archive', read: 300, added: 300, unchanged: 0, resolved: resolved(180) })
  await one(exporter, { source: 'exporter', read: 40, added: 0, unchanged: 40, resolved: resolved(40) })
  await one(archive, { source: 'archive', read: 300, added: 0, unchanged: 300, resolved: resolved(220) })
}

// Promise 1, and that nobody is said to be missing who could not be looked for.
function checkLines(lines) {
  assert.deepEqual(idsOf(lines), people.map(({ id }) => id).sort())
  for (const line of lines) {
    const person = large.byId.get(line.x.id)
    if (MOVED.includes(line.state)) assert.equal(line.profile.id, person.did, `${person.role} @${person.handle}`)
  }
  const numbers = lines.filter((line) => line.x.handle === null)
  assert.deepEqual(idsOf(numbers), unnamed.map(({ id }) => id).sort())
  for (const line of numbers) assert.deepEqual([line.lookup, line.state], ['could_not_look', 'none'])
}

const found = (lines) => lines.filter((line) => MOVED.includes(line.state)).map((line) => [line.x.id, line.profile.id]).sort()

for (const database of DATABASES) {
  test(`${database}: an archive of 300: 180 named by posts, 40 by an exporter's file, 80 by nothing; who moved`, async (t) => {
    assert.equal(people.length, 300)
    const store = await newStore(t, database)
    await importAll(store)
    const before = await store.moved(options)
    assert.equal(before.status, 0, before.stderr)
    checkLines(before.lines)
    assert.deepEqual(found(before.lines), [], 'nobody has looked yet')

    const matched = await store.match(options)
    assert.equal(matched.status, 0, matched.stderr)
    const moved = await store.moved(options)
    assert.equal(moved.status, 0, moved.stderr)
    checkLines(moved.lines)
    const [{ accounts, asked }] = matched.lines
    assert.deepEqual([accounts, asked], [300, 220], 'who has a handle is looked for')

    const named = new Set([...mentioned, ...answered, ...exported].map(({ id }) => id))
    const movers = large.truth.filter((person) => person.expected === 'found' && named.has(person.id))
    const likely = found(moved.lines).length / movers.length
    t.diagnostic(`${found(moved.lines).length} of ${movers.length} movers who are named were found`)
    assert.ok(likely >= 0.35, `${likely} of the movers who are named were found`)

    const shown = (await store.json(['moved', '--community', options.community, '--as', options.as])).lines
    assert.deepEqual(found(shown), found(moved.lines))
    const checked = await store.check()
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
  })
}
