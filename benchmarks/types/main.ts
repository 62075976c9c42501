// What core's types cost the compiler, and what an editor shows of them. Fails above the budget, and where a hover has changed.
// `--update` keeps the hovers as they are now.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkTypes, compilers } from './compilers.js'
import { bareTopics, generate, noRoutes, routes, typedRoutes } from './generate.js'
import { readHovers, type Hover } from './hovers.js'

/** Instantiations; seconds depend on the machine and have no budget. */
const budget = { routes: 520_000, bareTopic: 300 }
/** Where a hover ends to be readable. A contract shows all it says, a member a line. */
const screen = { columns: 160, lines: 40 }
const kept = join(import.meta.dirname, 'hovers.txt')

const faults = [...checkBudget(), ...checkHovers(readHovers())]
for (const fault of faults) console.error(`✗ ${fault}`)
if (faults.length > 0) process.exitCode = 1

function checkBudget(): string[] {
  const [none, bare, typed] = [noRoutes, bareTopics, typedRoutes].map(generate) as [string, string, string]
  return compilers.flatMap(({ name, program }) => {
    const own = checkTypes(program, none).instantiations
    const { instantiations, seconds } = checkTypes(program, typed)
    const each = Math.round((checkTypes(program, bare).instantiations - own) / routes)
    const all = instantiations - own
    console.log(
      `${name}: ${routes} typed routes ${all.toLocaleString('en')} instantiations (budget ${budget.routes.toLocaleString('en')}), ` +
        `checked in ${seconds.toFixed(2)} s; one bare topic() ${each} (budget ${budget.bareTopic})`,
    )
    return [
      ...(all > budget.routes ? [`${name}: ${routes} typed routes cost ${all} instantiations`] : []),
      ...(each > budget.bareTopic ? [`${name}: a bare topic() costs ${each} instantiations`] : []),
    ]
  })
}

function checkHovers(hovers: readonly Hover[]): string[] {
  const text = hovers.map(({ title, text: shown }) => `# ${title}\n${shown}\n`).join('\n')
  if (process.argv.includes('--update')) writeFileSync(kept, text)
  const tooLarge = hovers.filter(({ text: shown }) => {
    const lines = shown.split('\n')
    return shown === '' || lines.length > screen.lines || lines.some((line) => line.length > screen.columns)
  })
  const same = readFileSync(kept, 'utf8') === text
  console.log(`${hovers.length} hovers, ${same ? 'as kept' : 'changed'}`)
  return [
    ...(same
      ? []
      : [`hovers are no longer those in ${kept}; if they are better, run this with --update and look at the difference:\n\n${text}`]),
    ...tooLarge.map(({ title }) => `the hover "${title}" is empty, or larger than ${screen.columns} columns and ${screen.lines} lines`),
  ]
}
