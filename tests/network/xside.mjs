// tests/network/xside.mjs
//
// The X side of a community as files: an X archive, an exporter's CSV, plain lists, and the truth.
//
// The archive has the layout of 2025, with files in it that Skein must never open (messages, contacts): they hold the
// word CANARY, which no output may contain.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'

export const CANARY = 'CANARY-7f3a'

const ARCHIVE_DATE = '2024-11-14T12:21:58.798Z'

const csvCell = (value) => `"${String(value).replace(/"/g, '""')}"`
const csvRow = (cells) => `${cells.map(csvCell).join(',')}\r\n`
const userLink = (id) => `https://twitter.com/intent/user?user_id=${id}`

// One data file: `window.YTD.<type>.part0 = [...]`, with the spaces that X's writer leaves.
const ytd = (type, items) => `window.YTD.${type}.part0 = ${JSON.stringify(items, null, 2).replace(/":/g, '" :')}`

function tweetOf(index, owner, account) {
  const text = `@${account.handle} see you at the front, left side &amp; early`
  return {
    tweet: {
      edit_info: { initial: { editTweetIds: [String(1700000000000000000n + BigInt(index))], isEditEligible: true } },
      retweeted: false,
      source: '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
      entities: {
        hashtags: [],
        symbols: [],
        user_mentions: [
          {
            name: account.name,
            screen_name: account.handle,
            indices: ['0', String(account.handle.length + 1)],
            id_str: account.id,
            id: account.id,
          },
        ],
        urls: [],
      },
      display_text_range: ['0', String(text.length)],
      favorite_count: '2',
      in_reply_to_user_id_str: account.id,
      id_str: String(1700000000000000000n + BigInt(index)),
      in_reply_to_user_id: account.id,
      truncated: false,
      retweet_count: '0',
      id: String(1700000000000000000n + BigInt(index)),
      created_at: 'Sat Feb 17 12:33:11 +0000 2024',
      favorited: false,
      full_text: text,
      lang: 'en',
      in_reply_to_screen_name: account.handle,
    },
  }
}

function archiveFiles({ owner, accounts }) {
  const tweets = accounts.filter((account) => account.named.includes('tweets')).map((a, i) => tweetOf(i, owner, a))
  const edge = (id) => ({ accountId: id, userLink: userLink(id) })
  const data = {
    account: [
      {
        account: {
          email: `${owner.handle.toLowerCase()}@mail.example`,
          createdVia: 'web',
          username: owner.handle,
          accountId: owner.id,
          createdAt: '2012-05-04T19:20:00.000Z',
          accountDisplayName: owner.name,
        },
      },
    ],
    profile: [{ profile: { description: { bio: owner.bio, website: '', location: '' }, avatarMediaUrl: '' } }],
    following: accounts.map(({ id }) => ({ following: edge(id) })),
    follower: accounts.filter((_, i) => i % 4 === 0).map(({ id }) => ({ follower: edge(id) })),
    block: [{ blocking: edge('1500000000000000001') }],
    mute: [{ muting: edge('1500000000000000002') }],
    tweets,
    'direct-messages': [
      {
        dmConversation: {
          conversationId: `${owner.id}-${accounts[0].id}`,
          messages: [{ messageCreate: { id: '1', senderId: owner.id, recipientId: accounts[0].id, text: CANARY } }],
        },
      },
    ],
    contact: [{ contact: { id: '1', emails: [`${CANARY}@mail.example`], phoneNumbers: [] } }],
  }
  const files = {}
  const dataTypes = {}
  for (const [type, items] of Object.entries(data)) {
    const global = type.replace(/-/g, '_')
    files[`data/${type}.js`] = ytd(global, items)
    dataTypes[type.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())] = {
      files: [{ fileName: `data/${type}.js`, globalName: `YTD.${global}.part0`, count: String(items.length) }],
    }
  }
  const manifest = {
    userInfo: { accountId: owner.id, userName: owner.handle, displayName: owner.name },
    archiveInfo: {
      sizeBytes: '1198813',
      generationDate: ARCHIVE_DATE,
      isPartialArchive: false,
      maxPartSizeBytes: '53687091200',
    },
    readmeInfo: { fileName: 'data/README.txt', directory: 'data/', name: 'README.txt' },
    dataTypes,
  }
  files['data/manifest.js'] = `window.__THAR_CONFIG = ${JSON.stringify(manifest, null, 2)}`
  files['data/README.txt'] = 'A sample archive of people who do not exist, made by Skein for its tests.\n'
  files['Your archive.html'] = '<!doctype html><title>Your archive</title>\n'
  return files
}

// Python's zipfile packs it: Python is there wherever these servers were built.
function writeArchive(path, files) {
  const folder = fs.mkdtempSync(`${path}-`)
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(`${folder}/${name}`.replace(/\/[^/]*$/, ''), { recursive: true })
    fs.writeFileSync(`${folder}/${name}`, text)
  }
  fs.rmSync(path, { force: true })
  execFileSync('python3', ['-m', 'zipfile', '-c', path, 'data', 'Your archive.html'], { cwd: folder })
  fs.rmSync(folder, { recursive: true })
}

const EXPORTER_COLUMNS = (
  'id,screen_name,name,description,profile_image_url,profile_banner_url,followers_count,friends_count,statuses_count,' +
  'favourites_count,listed_count,location,website,birthdate,verified_type,is_blue_verified,following,followed_by,can_dm,' +
  'protected,created_at,about_profile,url'
).split(',')

// As twitter-web-exporter writes it: a byte order mark, every cell quoted, line breaks as the two characters \n.
function exporterCsv(accounts) {
  const row = (account) => {
    const known = {
      id: account.id,
      screen_name: account.handle,
      name: account.name,
      description: account.bio.replace(/\n/g, '\\n'),
      followers_count: account.followers,
      friends_count: 210,
      statuses_count: 1900,
      website: account.website,
      is_blue_verified: false,
      following: true,
      protected: false,
      created_at: '2013-03-02T10:00:00.000Z',
      url: `https://x.com/${account.handle}`,
    }
    return csvRow(EXPORTER_COLUMNS.map((column) => known[column] ?? ''))
  }
  return `\ufeff${csvRow(EXPORTER_COLUMNS)}${accounts.map(row).join('')}`
}

const listCsv = (accounts) =>
  csvRow(['id', 'screen_name', 'name', 'description', 'website']) +
  accounts.map((a) => csvRow([a.id, a.handle, a.name, a.bio, a.website])).join('')

const handlesCsv = (accounts) => `screen_name\n${accounts.map((account) => `${account.handle}\n`).join('')}`

// `id handle name role named expected did profile`; did and profile are `-` for who is not on Bluesky.
function truthTsv(accounts, didOf) {
  const rows = accounts.map((a) =>
    [a.id, a.handle, a.name, a.role, a.named.join('+') || '-', a.expected, didOf(a.mine), a.mine?.handle ?? '-'].join('\t'),
  )
  return `id\thandle\tname\trole\tnamed\texpected\tdid\tprofile\n${rows.join('\n')}\n`
}

// Writes into `folder`:
//   archive.zip     the owner's X archive: every id, a part of them named by tweets
//   exporter.csv    a part of the list with bios, websites and counts
//   list.csv        the whole list, everything known; handles.csv: the whole list, handles alone
//   known.csv       proven pairs, and follows/HANDLE.csv for each: whom that person followed on X
//   truth.tsv       who is who; accounts.json: Bluesky accounts with their passwords
export function writeXSide(folder, plan, didOf) {
  const write = (name, text) => fs.writeFileSync(`${folder}/${name}`, text)
  fs.mkdirSync(`${folder}/follows`, { recursive: true })
  writeArchive(`${folder}/archive.zip`, archiveFiles(plan))
  write('exporter.csv', exporterCsv(plan.accounts.filter((account) => account.named.includes('exporter'))))
  write('list.csv', listCsv(plan.accounts))
  write('handles.csv', handlesCsv(plan.accounts))
  write(
    'known.csv',
    `x_handle,network,profile\n${plan.known.map((a) => `${a.handle},bluesky,${didOf(a.mine)}\n`).join('')}`,
  )
  for (const account of plan.known) write(`follows/${account.handle}.csv`, handlesCsv(account.follows))
  write('truth.tsv', truthTsv(plan.accounts, didOf))
}
