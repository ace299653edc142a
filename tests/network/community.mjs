// tests/network/community.mjs
//
// Builds planned communities in a running network: accounts, profiles, posts, follows, labels; then their X side.
//
//     plan.mjs (who) ─> accounts ─> profile, posts and follows of each ─> labels ─> settled, ANALYZE ─> xside.mjs
//
// Everything goes through the servers' public interface, as a person's app would do it.
import fs from 'node:fs'
import { forEach, nextTid, procedure } from './client.mjs'
import { planCommunity } from './plan.mjs'
import { writeXSide } from './xside.mjs'

const AT_ONCE = 4 // one process with few cores: more only queue
const WRITES_MAX = 200 // applyWrites' own

const POSTS = [
  'Finally here. Who else is around?',
  'Nightjar Parade announced the winter dates!',
  'Left side, front row, as ever.',
  'Three trains and a ferry, worth every minute.',
]

const create = (collection, value) => ({
  $type: 'com.atproto.repo.applyWrites#create',
  collection,
  rkey: nextTid(),
  value: { $type: collection, ...value },
})

async function makeAccount(network, profile) {
  const name = profile.handle.replace(/\W/g, '-')
  profile.password = `pw-${name}`
  const body = { handle: profile.handle, email: `${name}@mail.example`, password: profile.password }
  const { did, accessJwt } = await procedure(network.pds, 'com.atproto.server.createAccount', { body })
  profile.did = did
  profile.token = accessJwt
}

async function fillAccount(network, profile) {
  const now = new Date().toISOString()
  const self = {
    $type: 'com.atproto.repo.applyWrites#create',
    collection: 'app.bsky.actor.profile',
    rkey: 'self',
    value: {
      $type: 'app.bsky.actor.profile',
      displayName: profile.name,
      description: profile.bio,
      ...(profile.website && { website: profile.website }),
      createdAt: profile.created ?? now,
    },
  }
  const posts = POSTS.slice(0, profile.posts).map((text) =>
    create('app.bsky.feed.post', { text, createdAt: '2024-02-01T08:00:00.000Z' }),
  )
  const follows = (profile.follows ?? []).map(({ did }) => create('app.bsky.graph.follow', { subject: did, createdAt: now }))
  const writes = [self, ...posts, ...follows].slice(0, WRITES_MAX)
  await procedure(network.pds, 'com.atproto.repo.applyWrites', { token: profile.token, body: { repo: profile.did, writes } })
}

async function buildCommunity(network, plan) {
  await forEach(plan.profiles, AT_ONCE, (profile) => makeAccount(network, profile))
  await forEach(plan.profiles, AT_ONCE, (profile) => fillAccount(network, profile))
  await network.settle()
  for (const { did, label } of plan.profiles) if (label) await network.label(did, label)
}

// Builds the communities `names` one after the other and writes each one's X side to STATE/NAME. `say` is told progress.
export async function buildCommunities(network, names, state, say) {
  const taken = new Set()
  for (const name of names) {
    const plan = planCommunity(name, taken)
    const started = performance.now()
    say(`community "${name}": ${plan.profiles.length} accounts on Bluesky, ${plan.accounts.length} followed on X`)
    await buildCommunity(network, plan)
    const folder = `${state}/${name}`
    fs.mkdirSync(folder, { recursive: true })
    writeXSide(folder, plan, (profile) => profile?.did ?? '-')
    const accounts = plan.profiles.map(({ handle, did, password }) => ({ handle, did, password }))
    const owner = { x_handle: plan.owner.handle, handle: plan.owner.mine.handle, did: plan.owner.mine.did }
    fs.writeFileSync(`${folder}/accounts.json`, JSON.stringify({ owner, accounts }, null, 1))
    say(`community "${name}": built and indexed in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
}
