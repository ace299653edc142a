// tests/network/client.mjs
//
// The little of AT Protocol that tests and communities need: calls, record keys, and work done a few at a time.

// An answer with an error in it: `name` and `status` are the server's.
export class XrpcError extends Error {
  constructor(method, status, body) {
    super(`${method}: ${status} ${body?.error ?? ''} ${body?.message ?? ''}`.trim())
    this.name = body?.error ?? 'XrpcError'
    this.status = status
  }
}

async function send(base, method, verb, { params = {}, body, token }) {
  const url = new URL(`/xrpc/${method}`, base)
  for (const [name, value] of Object.entries(params)) {
    for (const one of [value].flat()) url.searchParams.append(name, one)
  }
  const response = await fetch(url, {
    method: verb,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json().catch(() => null)
  if (!response.ok) throw new XrpcError(method, response.status, answer)
  return answer
}

// query(base, 'app.bsky.actor.getProfile', { params: { actor } }), procedure(base, ..., { body, token })
export const query = (base, method, options = {}) => send(base, method, 'GET', options)
export const procedure = (base, method, options = {}) => send(base, method, 'POST', options)

const TID_DIGITS = '234567abcdefghijklmnopqrstuvwxyz'
const CLOCK_ID = 7n // any 10 bits: tells two writers of one microsecond apart
let lastMicroseconds = 0n

// A record key: 13 characters, newer ones sort behind older ones, never the same twice in a process.
export function nextTid() {
  const now = BigInt(Date.now()) * 1000n
  lastMicroseconds = now > lastMicroseconds ? now : lastMicroseconds + 1n
  let value = (lastMicroseconds << 10n) | CLOCK_ID
  let tid = ''
  for (let i = 0; i < 13; i++) {
    tid = TID_DIGITS[Number(value & 31n)] + tid
    value >>= 5n
  }
  return tid
}

// Calls work(item, index) for each item, at most `width` at once.
export async function forEach(items, width, work) {
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) await work(item, index)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
