// tests/network/plan.mjs
//
// Who is in a community: the X side, the Bluesky side, and the truth that joins them. Pure and seeded.
//
// The people are fans of a band that does not exist (Nightjar Parade). One of them owns the X archive and follows all
// the others. More than half of those never moved, as in life, and some handles on Bluesky are held by strangers.
import { People } from './people.mjs'

// A role makes one account on X and what of it is on Bluesky: `mine` is the same person's profile (null: none),
// `decoys` are others'. `expected` is what a match may say of it:
//   found     it should be joined to `mine`; joining it to anybody else is wrong
//   none      not on Bluesky: joining it to anybody is wrong
//   hidden    its owner does not wish to be found (#noskein, or everything that links the two is gone): never `mine`
const ROLES = {
  equal: (person, { home }) => found(xOf(person), profileOf(person, home(person.stem))),

  underscore: (person, { home, random }) => {
    const [given, family] = [person.given, person.family]
    const parts = person.alias ? person.camel.replace(/(.)([A-Z])/, '$1_$2') : `${given}_${family}`
    const handle = parts.length <= 15 ? parts : `${person.camel}_`
    const squeezed = handle.toLowerCase().replace(/_/g, random.below(2) ? '' : '-').replace(/-$/, '')
    return found({ ...xOf(person), handle }, profileOf(person, home(squeezed)))
  },

  digits: (person, { home, random }) =>
    found({ ...xOf(person), handle: `${person.camel}${75 + random.below(25)}` }, profileOf(person, home(person.stem))),

  affix: (person, { home, random }) =>
    found(xOf(person), profileOf(person, home(random.pick([`its${person.stem}`, `real${person.stem}`, `${person.stem}hq`])))),

  // A handle that is their own domain, which the X profile gives as the website.
  domain: (person) =>
    found({ ...xOf(person), website: `https://${person.stem}.test/` }, profileOf(person, `${person.stem}.test`)),

  // Another handle, but the Bluesky profile says whose it was on X.
  said: (person, { pseudonym, random }) => {
    const profile = profileOf(person, pseudonym())
    const words = random.pick([`formerly @${person.camel} on X`, `x.com/${person.camel}`, `@${person.camel} on Twitter`])
    return found(xOf(person), { ...profile, bio: `${profile.bio}\n${words}` })
  },

  // Another handle, but the X profile links to it.
  linked: (person, { pseudonym }) => {
    const profile = profileOf(person, pseudonym())
    const x = { ...xOf(person), bio: `${person.bio} Now at https://bsky.app/profile/${profile.handle}` }
    return found(x, profile)
  },

  // Another handle; name and website stayed.
  website: (person, { pseudonym }) => {
    const website = `https://${person.stem}.example/`
    return found({ ...xOf(person), website }, { ...profileOf(person, pseudonym()), website })
  },

  // A mover with an impostor: the same name under a handle that looks alike, made today, without a post.
  imitated: (person, { home }) => ({
    ...found({ ...xOf(person), followers: 48_200 }, profileOf(person, home(person.stem))),
    decoys: [{ ...impostorOf(person, home), label: 'impersonation' }],
  }),

  noskein: (person, { home }) => {
    const profile = profileOf(person, home(person.stem))
    return { x: xOf(person), mine: { ...profile, bio: `${profile.bio} #noskein` }, decoys: [], expected: 'hidden' }
  },

  // Took another name and another handle. Friends found the way; a program must not.
  hidden: (person, { pseudonym, stranger }) => {
    const handle = pseudonym()
    const name = handle.split('.')[0].replace('-', ' and ')
    const mine = { ...profileOf(person, handle), name, bio: stranger().bio }
    return { x: xOf(person), mine, decoys: [], expected: 'hidden' }
  },

  // Did not move; a stranger has the handle.
  squatted: (person, { home, stranger }) => none(xOf(person), profileOf(stranger(), home(person.stem))),

  // Did not move; somebody else of the same name is on Bluesky under a handle of their own.
  namesake: (person, { pseudonym, stranger }) =>
    none(xOf(person), { ...profileOf(stranger(), pseudonym()), name: person.name }),

  // Did not move and is well known; an impostor waits, marked by the moderation service.
  impersonated: (person, { home }) =>
    none({ ...xOf(person), followers: 212_000 }, { ...impostorOf(person, home), label: 'impersonation' }),

  parody: (person, { home }) =>
    none(xOf(person), {
      ...profileOf(person, home(`${person.stem.slice(0, 12)}parody`)),
      name: `${person.name} (parody)`,
      bio: `Parody account. Not @${person.camel}, not even close.`,
    }),

  stayed: (person) => ({ x: xOf(person), mine: null, decoys: [], expected: 'none' }),
}

const found = (x, mine) => ({ x, mine, decoys: [], expected: 'found' })
const none = (x, decoy) => ({ x, mine: null, decoys: [decoy], expected: 'none' })

const xOf = (person) => ({ handle: person.camel, name: person.name, bio: person.bio, website: '', followers: 340 })

const profileOf = (person, handle) => ({
  handle,
  name: person.name,
  bio: person.bio,
  website: null,
  created: '2023-08-14T09:00:00.000Z',
  posts: 4,
})

const impostorOf = (person, home) => ({
  ...profileOf(person, home(`${person.stem}${person.stem.at(-1)}`)),
  created: null, // today
  posts: 0,
})

// How many of each role. `natives` are Bluesky accounts that nobody on the X side follows or resembles; `known` of the
// movers have proved who they are, and their X follows are known.
export const COMMUNITIES = {
  // For ./dev demo: 60 people on Bluesky; the owner follows 84 on X, of whom 48 stayed there.
  fans: {
    seed: 20241114,
    roles: {
      ...{ equal: 9, underscore: 5, digits: 4, affix: 3, domain: 5, said: 3, linked: 2, website: 2, imitated: 1 },
      ...{ noskein: 1, hidden: 1, squatted: 7, namesake: 4, impersonated: 2, parody: 2, stayed: 33 },
    },
    natives: 7,
    known: 2,
  },
  // Tests: a list of 300.
  large: {
    seed: 300,
    roles: {
      ...{ equal: 42, underscore: 14, digits: 12, affix: 8, domain: 18, said: 9, linked: 6, website: 6, imitated: 5 },
      ...{ noskein: 2, hidden: 6, squatted: 24, namesake: 14, impersonated: 6, parody: 4, stayed: 124 },
    },
    natives: 10,
    known: 6,
  },
}

const PSEUDONYM_FIRST = ['moss', 'paper', 'amber', 'velvet', 'quiet', 'copper', 'lunar', 'salt', 'tin', 'clover', 'hollow']
const PSEUDONYM_LAST = ['vinyl', 'heron', 'lantern', 'static', 'ferry', 'orchard', 'comet', 'thimble', 'pylon', 'gosling']

// What people hang on their names on a new network.
const DECORATIONS = [(name) => name, (name) => name, (name) => `${name} 🌻`, (name) => `${name} (she/her)`, (name) => `${name} 🪿`]

// What the archive and the exporter's file know of an account: "tweets" gives handle and name, "exporter" bio, website
// and counts too. Whatever only these tell (a website, a bio's link) is always in the exporter's file.
function namedIn(role, random) {
  if (['domain', 'linked', 'website', 'imitated', 'impersonated'].includes(role)) return ['exporter']
  if (['noskein', 'hidden', 'parody'].includes(role)) return ['tweets']
  return random.pick([['tweets'], ['tweets'], ['tweets', 'exporter'], ['tweets'], ['exporter'], ['tweets'], []])
}

// Plans the community `name`; `taken` holds handle stems of communities planned before for the same network.
// Returns {name, owner, accounts, profiles, known}: `accounts` is whom the owner follows on X, newest first, each
// {id, handle, name, bio, website, followers, role, expected, named, mine, follows}; `profiles` is all of Bluesky, each
// with `follows`, an array of profiles.
export function planCommunity(name, taken = new Set()) {
  const spec = COMMUNITIES[name]
  if (!spec) throw new Error(`no community "${name}": there are ${Object.keys(COMMUNITIES).join(', ')}`)
  const people = new People(spec.seed, taken)
  const random = people.random
  const home = (label) => `${label}.bsky.test`
  const pseudonyms = random.shuffle(PSEUDONYM_FIRST.flatMap((a) => PSEUDONYM_LAST.map((b) => `${a}-${b}`)))
  const pseudonym = () => {
    const free = pseudonyms.find((label) => !taken.has(label))
    if (!free) throw new Error('no pseudonyms left')
    taken.add(free)
    return home(free)
  }
  const tools = { random, home, pseudonym, stranger: () => people.next() }

  const ownerPerson = people.next()
  const owner = { id: people.id(), ...xOf(ownerPerson), mine: profileOf(ownerPerson, home(ownerPerson.stem)) }
  const roles = random.shuffle(Object.entries(spec.roles).flatMap(([role, count]) => Array(count).fill(role)))
  const accounts = roles.map((role) => {
    const { x, mine, decoys, expected } = ROLES[role](people.next(), tools)
    if (mine && role !== 'hidden') mine.name = random.pick(DECORATIONS)(mine.name)
    return { id: people.id(), ...x, role, expected, named: namedIn(role, random), mine, decoys, follows: [] }
  })
  accounts.reverse()

  const natives = Array.from({ length: spec.natives }, () => {
    const person = people.next()
    return profileOf(person, home(person.stem))
  })
  const movers = accounts.filter((account) => account.mine)
  drawFollows(accounts, movers, natives, random)
  owner.mine.follows = [...movers.slice(0, 3).map((mover) => mover.mine), natives[0]]
  const profiles = [owner.mine, ...accounts.flatMap(({ mine, decoys }) => [...(mine ? [mine] : []), ...decoys]), ...natives]
  const known = movers.filter((mover) => mover.role === 'equal').slice(0, spec.known)
  return { name, owner, accounts, profiles, known }
}

// Movers follow a dozen or so of the others on X, and on Bluesky most of those of them who came, and some natives.
function drawFollows(accounts, movers, natives, random) {
  for (const mover of movers) {
    mover.follows = random.shuffle(accounts.filter((account) => account !== mover)).slice(0, 8 + random.below(12))
    const came = mover.follows.filter((account) => account.mine && random.next() < 0.7)
    mover.mine.follows = [...came.map((account) => account.mine), random.pick(natives)]
  }
}
