// tests/e2e/archives.mjs
//
// Uploads made for a test: X archives as zips, exporter files, and the people in them.
import zlib from 'node:zlib'

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

// Node.js 18, which drives the tests of power cuts, has no zlib.crc32.
function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]
  return (crc ^ 0xffffffff) >>> 0
}

function zipHead(signature, fields) {
  const head = Buffer.alloc(4 + fields.reduce((bytes, [size]) => bytes + size, 0))
  head.writeUInt32LE(signature)
  let at = 4
  for (const [size, value] of fields) at = head.writeUIntLE(value, at, size)
  return head
}

// A zip of {name: text}, deflated.
export function zipOf(files) {
  const parts = []
  const directory = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text)
    const packed = zlib.deflateRawSync(bytes)
    const common = [[2, 20], [2, 0x800], [2, 8], [2, 0], [2, 0x5821], [4, crc32(bytes)], [4, packed.length]]
    const sizes = [[4, bytes.length], [2, Buffer.byteLength(name)], [2, 0]]
    const local = Buffer.concat([zipHead(0x04034b50, [...common, ...sizes]), Buffer.from(name), packed])
    const place = [[2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]
    directory.push(zipHead(0x02014b50, [[2, 20], ...common, ...sizes, ...place]), Buffer.from(name))
    parts.push(local)
    offset += local.length
  }
  const n = Object.keys(files).length
  const listed = Buffer.concat(directory)
  const end = zipHead(0x06054b50, [[2, 0], [2, 0], [2, n], [2, n], [4, listed.length], [4, offset], [2, 0]])
  return Buffer.concat([...parts, listed, end])
}

const ytd = (type, items) => `window.YTD.${type}.part0 = ${JSON.stringify(items, null, 2)}`

function tweetOf(index, words, of) {
  const id = String(1700000000000000000n + BigInt(index))
  const text = `${words} ${index}`
  return {
    tweet: {
      id,
      id_str: id,
      created_at: 'Sat Feb 17 12:33:11 +0000 2024',
      full_text: text,
      entities: { hashtags: [], symbols: [], user_mentions: [], urls: [] },
      lang: 'en',
      ...of,
    },
  }
}

const mentionOf = ({ id, handle, name }, index) =>
  tweetOf(index, `with @${handle}`, {
    entities: {
      hashtags: [],
      symbols: [],
      user_mentions: [{ name, screen_name: handle, indices: ['5', String(6 + handle.length)], id_str: id, id }],
      urls: [],
    },
  })

const replyOf = ({ id, handle }, index) =>
  tweetOf(index, 'so did I', {
    in_reply_to_user_id: id,
    in_reply_to_user_id_str: id,
    in_reply_to_screen_name: handle,
  })

// An X archive in the layout of 2025, as a zip: whom `owner` follows (by number only), and whom their posts name.
export function xArchive({ owner, following, mentioned = [], answered = [], day = '2024-11-14', without = [] }) {
  const data = {
    account: [{ account: { username: owner.handle, accountId: owner.id, accountDisplayName: owner.handle } }],
    following: following.map(({ id }) => ({
      following: { accountId: id, userLink: `https://twitter.com/intent/user?user_id=${id}` },
    })),
    tweets: [...mentioned.map(mentionOf), ...answered.map((person, i) => replyOf(person, mentioned.length + i))],
  }
  const files = {}
  const dataTypes = {}
  for (const [type, items] of Object.entries(data)) {
    if (without.includes(type)) continue
    files[`data/${type}.js`] = ytd(type, items)
    dataTypes[type] = {
      files: [{ fileName: `data/${type}.js`, globalName: `YTD.${type}.part0`, count: String(items.length) }],
    }
  }
  const manifest = {
    userInfo: { accountId: owner.id, userName: owner.handle, displayName: owner.handle },
    archiveInfo: { sizeBytes: '1198813', generationDate: `${day}T12:21:58.798Z`, isPartialArchive: false },
    dataTypes,
  }
  files['data/manifest.js'] = `window.__THAR_CONFIG = ${JSON.stringify(manifest, null, 2)}`
  files['Your archive.html'] = '<!doctype html><title>Your archive</title>\n'
  return zipOf(files)
}

const cell = (value) => `"${String(value ?? '').replace(/"/g, '""')}"`

// As twitter-web-exporter writes it: a byte order mark, every cell quoted.
export function exporterCsv(people) {
  const columns = ['id', 'screen_name', 'name', 'description', 'website', 'followers_count', 'friends_count', 'created_at']
  const row = (person) =>
    [person.id, person.handle, person.name, person.bio, person.website, person.followers, 210, '2013-03-02T10:00:00.000Z']
  return `\ufeff${[columns, ...people.map(row)].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')}`
}

// Rows of a CSV file as objects by its header.
export function readCsv(text) {
  const rows = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted?.replace(/""/g, '"') ?? plain)
    if (end !== ',') rows.push([])
  }
  const [columns, ...others] = rows.filter((row) => row.length > 1 || row[0])
  return others.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))
}

// `n` people who do not exist, by a seeded source of numbers: {id, handle, name}. Their numbers are too long for a double.
export function makePeople(random, n) {
  const people = new Map()
  while (people.size < n) {
    const id = String(1_000_000_000_000_000_000n + (random.next() % 900_000_000_000_000_000n))
    const handle = `P${id.slice(1, 7)}_${people.size}`
    people.set(id, { id, handle, name: `Person ${people.size}` })
  }
  return [...people.values()]
}

// `n` of them, in no order.
export function choose(random, people, n) {
  const left = [...people]
  for (let i = 0; i < n; i++) {
    const j = i + random.below(left.length - i)
    ;[left[i], left[j]] = [left[j], left[i]]
  }
  return left.slice(0, n)
}
