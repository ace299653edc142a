// tests/power/world.mjs
//
// What people do to a store, and what it must hold afterwards: the model beside which a disk after a power cut is read.
//
//     plan(random) ─> deeds ─ begin(deed) ─ the command ─ end(deed) ─> ... cut ... ─ findings(world, read) ─> what is lost
//
// A deed that has begun and was not acknowledged may be there or not, but not half.
import fs from 'node:fs'
import { choose, exporterCsv, makePeople, xArchive } from '../e2e/archives.mjs'

const COMMUNITIES = ['north', 'south']
const MEMBERS = ['ada', 'ben']

export const LISTS = COMMUNITIES.flatMap((community) => [null, ...MEMBERS].map((as) => ({ community, as })))

const keyOf = ({ community, as }) => `${community}/${as ?? ''}`
const didOf = (random) => `did:plc:${Array.from({ length: 24 }, () => random.pick('abcdefghijklmnopqrstuvwxyz234567')).join('')}`

// Kinds of deeds: the words of the command, and what they do to the state {lists, hidden, pairs}. A list is the union of
// its sources; a newer archive replaces the one before, a file adds.
function importDeed(world, { random, people, folder }, n) {
  const list = random.pick(LISTS)
  const follows = choose(random, people, 5 + random.below(people.length - 5))
  const ids = follows.map(({ id }) => id)
  const archive = list.as !== null && random.below(2) === 0
  const file = `${folder}/upload${n}.${archive ? 'zip' : 'csv'}`
  const day = new Date(Date.UTC(2014, 0, 1 + n)).toISOString().slice(0, 10) // a newer one each time
  const owner = { id: String(7_000_000_000 + MEMBERS.indexOf(list.as)), handle: list.as }
  const zip = { owner, following: follows, mentioned: follows, day } // who has no handle could not hide
  fs.writeFileSync(file, archive ? xArchive(zip) : exporterCsv(follows))
  return {
    kind: 'import',
    touches: keyOf(list),
    args: ['import', file, '--community', list.community, ...(list.as ? ['--as', list.as] : []), '--format', 'json'],
    apply: ({ lists }) => {
      const sources = lists.get(keyOf(list)) ?? { archive: [], file: [] }
      lists.set(keyOf(list), archive ? { ...sources, archive: ids } : { ...sources, file: [...sources.file, ...ids] })
    },
  }
}

function hideDeed(world, { random, people }) {
  const { handle } = random.pick(people)
  return {
    kind: 'hide',
    touches: `hide ${handle}`,
    args: ['person', 'hide', handle],
    apply: ({ hidden }) => hidden.add(handle.toLowerCase()),
  }
}

function pairsDeed(world, { random, people, folder }, n) {
  const community = random.pick(COMMUNITIES)
  const pairs = choose(random, people, 1 + random.below(6)).map(({ handle }) => [handle.toLowerCase(), didOf(random)])
  const file = `${folder}/pairs${n}.csv`
  fs.writeFileSync(file, `x_handle,network,profile\n${pairs.map(([x, did]) => `${x},bluesky,${did}\n`).join('')}`)
  return {
    kind: 'pairs',
    touches: `pairs ${community}`,
    needs: (state) => LISTS.some((list) => list.community === community && state.lists.has(keyOf(list))),
    args: ['pairs', 'import', file, '--community', community, '--state', 'confirmed'],
    apply: (state) => {
      const all = state.pairs.get(community) ?? new Map()
      state.pairs.set(community, new Map([...all, ...pairs]))
    },
  }
}

const peopleOf = (list) => new Set([...(list?.archive ?? []), ...(list?.file ?? [])])

const emptyState = () => ({ lists: new Map(), hidden: new Set(), pairs: new Map() })

// A world: people, and the deeds that were acknowledged (`done`) or have begun (`open`).
export function newWorld(random, folder) {
  const people = makePeople(random, 60)
  const tools = { random, people, folder }
  const world = { people, done: [], open: new Set(), n: 0 }
  const kinds = [importDeed, importDeed, importDeed, hideDeed, pairsDeed]
  return Object.assign(world, {
    // A deed that no other open one gets in the way of, and that can be done by now.
    next() {
      for (;;) {
        const deed = random.pick(kinds)(world, tools, (world.n += 1))
        const free = ![...world.open].some((open) => open.touches === deed.touches)
        if (free && (!deed.needs || deed.needs(world.state()))) return deed
      }
    },
    state: (more = []) => {
      const state = emptyState()
      for (const deed of [...world.done, ...more]) deed.apply(state)
      return state
    },
    begin: (deed) => world.open.add(deed),
    end(deed, acknowledged) {
      if (!acknowledged) return // it stays open: it may come to be there
      world.open.delete(deed)
      world.done.push(deed)
    },
  })
}

const visible = (ids, hidden, handleOf) => [...ids].filter((id) => !hidden.has(handleOf.get(id))).sort().join(' ')
const pairWords = (pairs, hidden) =>
  [...pairs].filter(([x]) => !hidden.has(x)).map(([x, did]) => `${x}=${did}`).sort().join(' ')

// Compares what was read with what may be there. `read`: {lists: Map key -> ids, named: Map key -> handles, pairs: Map
// community -> Map, hides}, hides being the wishes that left-out.log holds. Returns sentences, beginning with "lost", "back"
// (who had hidden is named; a list that came later may still hold their number), "half".
export function findings(world, read) {
  const said = []
  const handleOf = new Map(world.people.map(({ id, handle }) => [id, handle.toLowerCase()]))
  const must = world.state()
  const open = [...world.open]
  const mayHide = open.filter((deed) => deed.kind === 'hide')
  const doubtful = world.state(mayHide).hidden // who hid for sure, or perhaps
  const may = (touches) => open.filter((deed) => deed.touches === touches).map((deed) => world.state([deed]))

  for (const list of LISTS) {
    const key = keyOf(list)
    const now = read.lists.get(key) ?? new Set()
    const back = (read.named.get(key) ?? []).filter((handle) => must.hidden.has(handle))
    if (back.length > 0) said.push(`back: ${key} names ${back.join(', ')}, who had hidden`)
    const allowed = [must, ...may(key)].map((state) => visible(peopleOf(state.lists.get(key)), doubtful, handleOf))
    if (allowed.includes(visible(now, doubtful, handleOf))) continue
    const missing = [...peopleOf(must.lists.get(key))].filter((id) => !now.has(id) && !doubtful.has(handleOf.get(id)))
    said.push(missing.length > 0 && may(key).length === 0 ? `lost: ${missing.length} of ${key}` : `half: ${key}`)
  }
  for (const community of COMMUNITIES) {
    const now = pairWords(read.pairs.get(community) ?? [], doubtful)
    const allowed = [must, ...may(`pairs ${community}`)].map((state) => pairWords(state.pairs.get(community) ?? [], doubtful))
    if (!allowed.includes(now)) said.push(`lost: pairs of ${community} are ${now || 'none'}, not ${allowed.join(' or ')}`)
  }
  if (read.hides < must.hidden.size) said.push(`lost: ${must.hidden.size} hid, left-out.log has ${read.hides}`)
  return said
}

// Reads a store through the binary: `skein(args)` gives {status, stdout, stderr}.
export async function readStore(skein, data) {
  const read = { lists: new Map(), named: new Map(), pairs: new Map(), hides: 0 }
  const lines = async (args) => {
    const { status, stdout } = await skein([...args, '--format', 'json'])
    if (status !== 0) return null // nothing of the kind is there
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  }
  for (const list of LISTS) {
    const as = list.as ? ['--as', list.as] : []
    const moved = await lines(['moved', '--all', '--community', list.community, ...as])
    if (!moved) continue
    read.lists.set(keyOf(list), new Set(moved.map((line) => line.x.id)))
    read.named.set(keyOf(list), moved.map((line) => line.x.handle?.toLowerCase()).filter(Boolean))
  }
  for (const community of COMMUNITIES) {
    const pairs = await lines(['pairs', 'export', '--community', community])
    const entries = (pairs ?? []).filter((line) => line.profile).map((line) => [line.x.handle?.toLowerCase(), line.profile.id])
    read.pairs.set(community, new Map(entries))
  }
  const log = `${data}/left-out.log`
  if (fs.existsSync(log)) {
    const wishes = fs.readFileSync(log, 'utf8').split('\n').slice(0, -1).filter((line) => line.includes(' opt-out '))
    read.hides = new Set(wishes.map((line) => line.split(' ')[2])).size
  }
  return read
}
