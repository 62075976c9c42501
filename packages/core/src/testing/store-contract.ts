import assert from 'node:assert/strict'
import type { Store } from '../store/store.js'
import { defineContract, type ContractCase, type ContractOptions, type ContractStage } from './contract.js'

/** The surroundings of one test: a store with nothing in it. */
export interface StoreBench {
  readonly store: Store
  /** Lets time pass for the store, in milliseconds: a virtual clock, or waiting. Where it is missing, tests that need it are skipped. */
  advance?(ms: number): Promise<void>
  /** The same store as another process, or one started later, sees it. Only asked for where it outlives the process. */
  reopen?(): Store | Promise<Store>
  /** Ends what the bench has started. */
  close(): unknown
}

/** What {@link storeContract} is told. */
export interface StoreContractOptions extends ContractOptions {
  /** Makes the surroundings of one test. */
  open(): StoreBench | Promise<StoreBench>
}

/**
 * Defines the tests every store passes: what `Store` promises, to the letter.
 *
 * @throws ButlerError `CONTRACT_OPTIONS` for a name in `cannot` that is no test
 */
export function storeContract(options: StoreContractOptions): void {
  defineContract(options, 'store', cases, async () => toStage(await options.open()))
}

interface StoreStage extends ContractStage {
  readonly store: Store
  readonly bench: StoreBench
  advance(ms: number): Promise<void>
}

function toStage(bench: StoreBench): StoreStage {
  return {
    bench,
    store: bench.store,
    advance: async (ms) => bench.advance?.(ms),
    close: async () => void (await bench.close()),
  }
}

const needsTime = ({ bench }: StoreStage) => (bench.advance ? undefined : 'its bench cannot let time pass')
const ttlMs = 1_000

const texts: readonly (readonly [what: string, text: string])[] = [
  ['plain', 'a'],
  ['like a member of every object', '__proto__'],
  ['with separators', 'a:b/c d.e*{f}\\'],
  ['beyond ASCII', 'Åsa 🦉'],
  ['of control characters', '\n\t\0\u2028'],
  ['long', 'x'.repeat(10_000)],
]

const cases: readonly ContractCase<StoreStage>[] = [
  {
    name: 'has nothing to begin with',
    async run({ store }) {
      assert.equal(await store.get('a'), undefined)
      assert.equal(await store.delete('a'), false)
    },
  },
  ...texts.map(([what, text]): ContractCase<StoreStage> => ({
    name: `keeps keys and values that are ${what}, apart from others`,
    async run({ store }) {
      await store.set(text, text)
      assert.equal(await store.get(text), text)
      assert.equal(await store.get(`${text}.`), undefined)
      assert.equal(await store.delete(text), true)
      assert.equal(await store.get(text), undefined)
    },
  })),
  {
    name: 'keeps an empty value, which is not none',
    async run({ store }) {
      await store.set('a', '')
      assert.equal(await store.get('a'), '')
      assert.equal(await store.setIfAbsent('a', 'b'), false)
      assert.equal(await store.delete('a'), true)
    },
  },
  {
    name: 'keeps the last value that was set',
    async run({ store }) {
      await store.set('a', '1')
      await store.set('a', '2')
      assert.equal(await store.get('a'), '2')
    },
  },
  {
    name: 'sets what is absent, and says so',
    async run({ store }) {
      assert.equal(await store.setIfAbsent('a', '1'), true)
      assert.equal(await store.setIfAbsent('a', '2'), false)
      assert.equal(await store.get('a'), '1')
      await store.delete('a')
      assert.equal(await store.setIfAbsent('a', '3'), true)
      assert.equal(await store.get('a'), '3')
    },
  },
  {
    name: 'lets one of many that come at once set what is absent',
    async run({ store }) {
      const names = Array.from({ length: 50 }, (_, index) => `${index}`)
      const won = await Promise.all(names.map((name) => store.setIfAbsent('a', name)))
      assert.equal(won.filter(Boolean).length, 1)
      assert.equal(await store.get('a'), names[won.indexOf(true)])
    },
  },
  {
    name: 'lets one of many that come at once delete a value',
    async run({ store }) {
      await store.set('a', '1')
      const deleted = await Promise.all(Array.from({ length: 50 }, () => store.delete('a')))
      assert.equal(deleted.filter(Boolean).length, 1)
    },
  },
  ...(['set', 'setIfAbsent'] as const).map((method): ContractCase<StoreStage> => ({
    name: `keeps what ${method} was given a ttlMs for until it is over, and not longer`,
    exempt: needsTime,
    async run({ store, advance }) {
      await store[method]('a', '1', { ttlMs })
      await advance(ttlMs / 2)
      assert.equal(await store.get('a'), '1')
      assert.equal(await store.setIfAbsent('a', '2'), false)
      await advance(ttlMs)
      assert.equal(await store.get('a'), undefined)
      assert.equal(await store.delete('a'), false)
      assert.equal(await store.setIfAbsent('a', '3'), true)
    },
  })),
  {
    name: 'takes the ttlMs of the last set: none means for ever',
    exempt: needsTime,
    async run({ store, advance }) {
      await store.set('kept', '1', { ttlMs })
      await store.set('kept', '2')
      await store.set('gone', '1')
      await store.set('gone', '2', { ttlMs })
      await advance(ttlMs * 2)
      assert.equal(await store.get('kept'), '2')
      assert.equal(await store.get('gone'), undefined)
    },
  },
  {
    name: 'does not let setIfAbsent change the ttlMs of what is there',
    exempt: needsTime,
    async run({ store, advance }) {
      await store.set('a', '1', { ttlMs })
      assert.equal(await store.setIfAbsent('a', '2', { ttlMs: ttlMs * 10 }), false)
      await advance(ttlMs * 2)
      assert.equal(await store.get('a'), undefined)
    },
  },
  {
    name: 'has what was stored after a restart',
    exempt: ({ bench, store }) => {
      if (!store.outlivesProcess) return 'it ends with its process'
      return bench.reopen ? undefined : 'its bench cannot reopen it'
    },
    async run({ bench, store }) {
      await store.set('a', '1')
      const reopened = await bench.reopen?.()
      assert.equal(await reopened?.get('a'), '1')
      assert.equal(await reopened?.setIfAbsent('a', '2'), false)
    },
  },
]
