import { parseArgs } from 'node:util'
import { createBruteForce, findMistake } from './brute-force.js'
import { brokenRules } from './conformance.js'
import { race, type Result, type Runner } from './measure.js'
import { bytesAfter, bytesPerFilter } from './memory.js'
import { createRandom, type Random } from './random.js'
import { kinds, type RouterKind } from './routers.js'
import { worstCases } from './worst-cases.js'
import { butler, churn, mixed, unique, type Workload } from './workloads.js'

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } })
const random = createRandom(1)
const effort = flags.quick ? { rounds: 5, turnMs: 12, turnMatches: 65_536 } : { rounds: 15, turnMs: 60, turnMatches: 262_144 }
const [ours, baseline] = kinds as [RouterKind, RouterKind]
const timed = flags.quick ? kinds.filter(({ name }) => ['butlerkit', 'qlobber', 'memoirist', 'Map.get'].includes(name)) : kinds
let wrong = 0
const goals: string[][] = [['goal, × qlobber', 'wanted', 'measured', '']]

const sizes: readonly (readonly [count: number, goal: number])[] = [
  [1_000, 8],
  [10_000, 14],
  [100_000, 30],
  [1_000_000, 60],
]

printRules()
printMemory()
run(butler(), timed, 4.5)
for (const [count, goal] of sizes)
  if (!flags.quick || count <= 10_000) run(mixed(`${count.toLocaleString('en')} patterns`, count), timed, goal)
run(unique('1,000 patterns, unique topics', 1_000, flags.quick ? 100_000 : 600_000), timed, 2.5)
for (const count of [1_000, 10_000]) {
  for (const matches of [1, 10, 100, 1_000])
    run(churn(`${count.toLocaleString('en')} patterns, a change per ${matches}`, count, matches), timed, 1.6)
}
for (const makeWorkload of worstCases) run(makeWorkload(), [ours, baseline], 1)

console.log('\n## Goals\n')
printTable(goals)
console.log(wrong === 0 ? '\nbutlerkit answered right everywhere' : `\nbutlerkit answered wrong in ${wrong} workloads`)
process.exitCode = wrong === 0 ? 0 : 1

/** Races the routers that answer a workload as brute force does, and prints how they did. */
function run(workload: Workload, candidates: readonly RouterKind[], goal: number): void {
  if (!workload.name.includes(flags.only)) return
  console.log(`\n## ${workload.name}\n`)
  const expected = createBruteForce(workload.filters)
  const sample = sampleOf(random, workload)
  const runners: Runner[] = []
  const refused: string[] = []
  for (const kind of candidates) {
    const reason = leftOut(kind, workload)
    const runner = { name: kind.name, router: kind.create() }
    const mistake = reason ?? fillAndCheck(kind, runner, workload, sample, expected)
    if (mistake === undefined) runners.push(runner)
    else refused.push(`- ${kind.name} not timed: ${mistake}`)
    if (kind === ours && mistake !== undefined) wrong++
  }
  const results = runners.length === 0 ? [] : race(workload, runners, { ...effort, random, baseline: baseline.name })
  const after = findMistake(ours, runners[0]!.router, workload.filters, sample, expected)
  if (after !== undefined) {
    wrong++
    refused.push(`- ${ours.name} answers wrong after the race: ${after}`)
  }
  printTable([['router', 'ns per match', '× qlobber', 'quartiles'], ...results.map(toRow)])
  if (refused.length > 0) console.log(`\n${refused.join('\n')}`)
  const own = results.find(({ name }) => name === ours.name)
  if (own !== undefined) goals.push([workload.name, `≥ ${goal}`, formatRatio(own), own.ratio >= goal ? 'met' : 'missed'])
}

function leftOut(kind: RouterKind, workload: Workload): string | undefined {
  if (workload.filters.length > (kind.maxFilters ?? Infinity)) return `at ${workload.filters.length} patterns ${kind.because}`
  if (workload.matchesPerChange !== undefined && kind.create().remove === undefined) return 'it cannot take a route out at once'
  return undefined
}

function fillAndCheck(
  kind: RouterKind,
  { router }: Runner,
  { filters }: Workload,
  sample: readonly string[],
  expected: (topicName: string) => readonly number[],
): string | undefined {
  try {
    for (const [value, filter] of filters.entries()) router.add(filter, value)
  } catch (error) {
    return `it refuses a pattern: ${String(error).split('\n')[0]}`
  }
  const mistake = findMistake(kind, router, filters, sample, expected)
  return mistake === undefined ? undefined : `it answers ${mistake}`
}

/** As many topic names as brute force answers in a moment. */
function sampleOf(source: Random, { topics, filters }: Workload): string[] {
  const count = Math.min(300, topics.length, Math.max(20, Math.floor(20_000_000 / filters.length)))
  return Array.from({ length: count }, () => topics[Math.floor(source() * topics.length)]!.toString())
}

function printRules(): void {
  console.log('## Rules of MQTT 5.0, 4.7, that routers break\n')
  for (const kind of kinds) {
    const broken = brokenRules(kind)
    if (kind === ours) wrong += broken.length
    if (kind.answers !== 'exact') console.log(`- ${kind.name}: ${broken.length === 0 ? 'none' : broken.join('; ')}`)
  }
}

function printMemory(): void {
  console.log('\n## Memory\n')
  const rows = [['patterns', 'butlerkit, bytes per pattern', 'qlobber', 'share']]
  for (const workload of [butler(), ...sizes.filter(([count]) => !flags.quick || count <= 10_000).map(([count]) => mixed('', count))]) {
    const own = bytesPerFilter(ours, workload.filters)
    const theirs = bytesPerFilter(baseline, workload.filters)
    rows.push([String(workload.filters.length), own.toFixed(0), theirs.toFixed(0), (own / theirs).toFixed(2)])
    if (workload.filters.length > 20) {
      goals.push([
        `bytes per pattern at ${workload.filters.length}`,
        '≤ 0.6',
        (own / theirs).toFixed(2),
        own / theirs <= 0.6 ? 'met' : 'missed',
      ])
    }
  }
  printTable(rows)
  const { filters, topics } = butler()
  const used = bytesAfter(ours, filters, topics, 100_000)
  goals.push(['20 patterns after 100,000 matches', '≤ 40 kB', `${(used / 1_000).toFixed(0)} kB`, used <= 40_000 ? 'met' : 'missed'])
}

function toRow(result: Result): string[] {
  const [low, high] = result.quartiles
  return [result.name, result.nanoseconds.toFixed(0), formatRatio(result), `${formatNumber(low)}–${formatNumber(high)}`]
}

function formatRatio({ ratio }: Result): string {
  return formatNumber(ratio)
}

function formatNumber(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0)
}

function printTable([header, ...rows]: readonly (readonly string[])[]): void {
  const all = [header!, ...rows]
  const widths = header!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  console.log(line(header!))
  console.log(`|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`)
  for (const row of rows) console.log(line(row))
}
