import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Notification, Notifier } from '../notify/notifier.js'
import { defineContract, type ContractCase, type ContractOptions, type ContractStage } from './contract.js'
import { isButlerError } from './is-butler-error.js'

/** The surroundings of one test: a notifier and a stand-in for its target. */
export interface NotifierBench {
  readonly notifier: Notifier
  /** How many notifications the target has taken so far. */
  delivered(): number
  /** Makes the target refuse from now on, or take again. Where it is missing, tests that need it are skipped. */
  fail?(failing: boolean): unknown
  /**
   * Makes the target answer nothing from now on. Resolves once it has been asked the next time. Where it is missing, tests that need it are
   * skipped.
   */
  stall?(): { readonly asked: Promise<unknown> }
  /** What must show up in no error: the webhook URL, the token. @defaultValue none */
  readonly secrets?: readonly string[]
  /** Ends what the bench has started. */
  close(): unknown
}

/** What {@link notifierContract} is told. */
export interface NotifierContractOptions extends ContractOptions {
  /** Makes the surroundings of one test. */
  open(): NotifierBench | Promise<NotifierBench>
}

/**
 * Defines the tests every notifier passes: what `Notifier` promises, to the letter.
 *
 * @throws ButlerError `CONTRACT_OPTIONS` for a name in `cannot` that is no test
 */
export function notifierContract(options: NotifierContractOptions): void {
  defineContract(options, 'notifier', cases, async () => toStage(await options.open()))
}

interface NotifierStage extends ContractStage {
  readonly bench: NotifierBench
  readonly notifier: Notifier
}

function toStage(bench: NotifierBench): NotifierStage {
  return { bench, notifier: bench.notifier, close: async () => void (await bench.close()) }
}

const needsFailure = ({ bench }: NotifierStage) => (bench.fail ? undefined : 'its bench cannot make the target refuse')
const needsStall = ({ bench }: NotifierStage) => (bench.stall ? undefined : 'its bench cannot make the target fall silent')

const notifications: readonly (readonly [what: string, notification: Notification])[] = [
  ['a title alone', { title: 'Reload failed' }],
  [
    'all there can be',
    {
      title: 'Reload failed',
      severity: 'error',
      text: 'Sales could not be reloaded.',
      fields: { Task: 'Sales', Attempts: 3 },
      excerpt: 'line 1\nline 2',
      links: { QMC: 'https://sense.lab/qmc' },
    },
  ],
  ['every severity', { title: 'Slow', severity: 'warning' }],
  ['markup and mentions', { title: '<!channel> *b* `c` & <script>', text: '@here </a> \u0000 🦉', fields: { '<a|b>': '```' } }],
  ['texts of 100 kB', { title: 'long '.repeat(20_000), text: 'long '.repeat(20_000), excerpt: 'line\n'.repeat(20_000) }],
  ['empty texts', { title: '', text: '', fields: {}, excerpt: '', links: {} }],
]

const cases: readonly ContractCase<NotifierStage>[] = [
  {
    name: 'has a name',
    run: async ({ notifier }) => assert.notEqual(notifier.name, ''),
  },
  ...notifications.map(([what, notification]): ContractCase<NotifierStage> => ({
    name: `delivers ${what} and gives a receipt`,
    async run({ notifier, bench }) {
      const receipt = await notifier.notify(deepFreeze(structuredClone(notification)))
      assert.equal(receipt.notifier, notifier.name)
      assert.equal(bench.delivered(), 1)
    },
  })),
  {
    name: 'delivers each of many at once, once',
    async run({ notifier, bench }) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => notifier.notify({ title: `Notification ${index}` })))
      assert.equal(bench.delivered(), 20)
    },
  },
  {
    name: 'delivers nothing with a signal that has aborted, and rejects with its reason',
    async run({ notifier, bench }) {
      const reason = new Error('changed my mind')
      await assert.rejects(notifier.notify({ title: 'x' }, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
      assert.equal(bench.delivered(), 0)
    },
  },
  {
    name: 'stops waiting when its signal aborts, and rejects with its reason',
    exempt: needsStall,
    async run({ notifier, bench }) {
      const stalled = bench.stall?.()
      const abort = new AbortController()
      const reason = new Error('changed my mind')
      const outcome = assert.rejects(notifier.notify({ title: 'x' }, { signal: abort.signal }), (error) => error === reason)
      await stalled?.asked
      abort.abort(reason)
      await outcome
    },
  },
  {
    name: 'rejects with a ButlerError that holds no secret when the target refuses, and delivers again after that',
    exempt: needsFailure,
    async run({ notifier, bench }) {
      await bench.fail?.(true)
      await assert.rejects(notifier.notify({ title: 'x' }), (error) => {
        const shown = [inspect(error, { depth: 10, showHidden: true }), String(error), JSON.stringify(error)].join('\n')
        for (const secret of bench.secrets ?? []) assert.ok(!shown.includes(secret), 'the error holds a secret')
        return isButlerError(error)
      })
      await bench.fail?.(false)
      const before = bench.delivered()
      await notifier.notify({ title: 'y' })
      assert.equal(bench.delivered(), before + 1)
    },
  },
]

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object') deepFreeze(member as object)
  return Object.freeze(value)
}
