// tests/e2e/seeded.mjs
//
// Numbers by chance that come again: SplitMix64, as tests/lib/seeded.c.

// The seed of this run: SKEIN_SEED, or the usual one.
export const SEED = Number(process.env.SKEIN_SEED ?? 20261122)

// The same seed gives the same run.
export function seeded(seed) {
  const mask = (1n << 64n) - 1n
  let state = BigInt(seed) & mask
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
    return z ^ (z >> 31n)
  }
  const below = (bound) => Number(next() % BigInt(bound))
  return { next, below, pick: (list) => list[below(list.length)] }
}
