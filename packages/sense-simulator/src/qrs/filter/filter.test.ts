import { describe, expect, it } from 'vitest'
import { createGuidSource } from '../../guid.js'
import { createStore } from '../../store/create-store.js'
import { Refusal } from '../../http/answer.js'
import { compileFilter } from './filter.js'

const appId = 'a0a0a0a0-0000-4000-8000-000000000001'
const store = createStore(
  {
    customProperties: [
      { name: 'Region', choiceValues: ['EMEA', 'APAC'] },
      { name: 'Owner', choiceValues: ['EMEA', 'it'] },
    ],
    apps: [
      { id: appId, name: 'Sales', stream: 'Everyone', fileSize: 10 },
      { name: 'Draft', fileSize: 20 },
    ],
    reloadTasks: [
      { name: 'Reload Sales', app: 'Sales', tags: ['nightly', 'Q1'], customProperties: { Region: ['APAC'], Owner: ['EMEA'] } },
      { name: "It's (50 %) & \\ #1", app: 'Draft', tags: ['hourly'], customProperties: { Region: ['EMEA'] }, enabled: false },
      { name: 'Straße und Ärger', app: 'Sales' },
    ],
  },
  { guid: createGuidSource(1), now: () => Date.UTC(2026, 0, 5, 8) },
)
const [sales, odd, umlaut] = [...store.reloadTasks.values()].map(({ name }) => name)

function tasks(filter: string): readonly string[] {
  return [...store.reloadTasks.values()].filter(compileFilter('ReloadTask', filter)).map(({ name }) => name)
}

function apps(filter: string): readonly string[] {
  return [...store.apps.values()].filter(compileFilter('App', filter)).map(({ name }) => name)
}

describe('a filter on tasks', () => {
  it.each([
    // Text, whose case does not matter
    [`name eq 'Reload Sales'`, [sales]],
    [`name eq 'reload SALES'`, [sales]],
    [`NAME eq 'reload sales'`, [sales]],
    [`name eq 'STRASSE und ärger'`, []],
    [`name eq 'STRAßE und ärger'`, [umlaut]],
    [`name ne 'Reload Sales'`, [odd, umlaut]],
    [`name sw 'reload'`, [sales]],
    [`name ew 'SALES'`, [sales]],
    [`name so 'load sa'`, [sales]],
    [`name so 'nothing'`, []],
    // Escapes: a backslash, for the quote and for itself
    [String.raw`name eq 'It\'s (50 %) & \\ #1'`, [odd]],
    [String.raw`name so '\\'`, [odd]],
    [String.raw`name so '\''`, [odd]],
    [`name eq ''`, []],
    // Kinds
    [`enabled eq False`, [odd]],
    [`enabled ne false`, [sales, umlaut]],
    [`taskType eq Reload`, [sales, odd, umlaut]],
    [`taskType eq 0`, [sales, odd, umlaut]],
    [`taskType ne reload`, []],
    [`taskType gt Reload`, []],
    [`taskSessionTimeout ge 1440`, [sales, odd, umlaut]],
    [`taskSessionTimeout lt 1440`, []],
    [`createdDate ge '2026-01-05T08:00:00.000Z'`, [sales, odd, umlaut]],
    [`createdDate gt '2026-01-05T08:00:00.000Z'`, []],
    [`createdDate le '2026-01-05 08:00:00'`, [sales, odd, umlaut]],
    [`createdDate lt '2026-01-06'`, [sales, odd, umlaut]],
    [`operational.nextExecution eq '1753-01-01T00:00:00.000Z'`, [sales, odd, umlaut]],
    // Ways through other entities
    [`app.id eq ${appId}`, [sales, umlaut]],
    [`app.id eq ${appId.toUpperCase()}`, [sales, umlaut]],
    [`app.id ne ${appId}`, [odd]],
    [`app.stream.name eq 'everyone'`, [sales, umlaut]],
    [`tags.name eq 'NIGHTLY'`, [sales]],
    [`tags.name ne 'nightly'`, [sales, odd]],
    [`operational.lastExecutionResult.status eq NeverStarted`, [sales, odd, umlaut]],
    [`operational.lastExecutionResult.status eq FinishedFail`, []],
    // A custom property: the long form matches across values, the short one does not
    [`customProperties.definition.name eq 'Region' and customProperties.value eq 'EMEA'`, [sales, odd]],
    [`@Region eq 'EMEA'`, [odd]],
    [`@region eq 'apac'`, [sales]],
    [`@Region sw 'E' or @Owner ew 'A'`, [sales, odd]],
    // Logic
    [`(name eq 'Reload Sales')`, [sales]],
    [`((tags.name eq 'hourly') or (tags.name eq 'nightly'))`, [sales, odd]],
    [`enabled eq true and (tags.name eq 'hourly' or tags.name eq 'nightly')`, [sales]],
    [`name sw 'S' or tags.name eq 'hourly' and enabled eq true`, [umlaut]],
    [`name so 'e' and name so 'r' and name so 's'`, [sales, umlaut]],
    [`  name\teq 'Reload Sales'  `, [sales]],
  ])('%s', (filter, expected) => {
    expect(tasks(filter)).toEqual(expected)
  })

  it.each([
    ['()', 'Invalid expression'],
    ['(()) ', 'Invalid expression'],
    ['name', 'Cannot parse the expression: name'],
    ['name eq', 'Cannot parse the expression: name eq'],
    [`name eq 'a' and`, `Cannot parse the expression: name eq 'a' and`],
    [`name eq 'a' name eq 'b'`, `Cannot parse the expression: name eq 'a' name eq 'b'`],
    [`(name eq 'a'`, `Cannot parse the expression: (name eq 'a'`],
    [`name eq 'a')`, `Cannot parse the expression: name eq 'a')`],
    [`name eq 'Q1''25'`, `Cannot parse the expression: name eq 'Q1''25'`],
    [`name eq "a"`, `Cannot parse the expression: name eq "a"`],
    [`name eq 'a`, `Cannot parse the expression: name eq 'a`],
    [`not (name eq 'a')`, `Cannot parse the expression: not (name eq 'a')`],
    [`not name eq 'a'`, `Cannot parse the expression: not name eq 'a'`],
    [`name in ('a')`, `Cannot parse the expression: name in ('a')`],
    [`name like 'a'`, `Cannot parse the expression: name like 'a'`],
    [`name eq a`, 'Invalid expression'],
    [`name gt 'a'`, 'Invalid expression'],
    [`id gt ${appId}`, 'Invalid expression'],
    [`id eq '${appId}'`, 'Invalid expression'],
    [`id eq 17`, 'Invalid expression'],
    [`enabled eq 'true'`, 'Invalid expression'],
    [`enabled gt true`, 'Invalid expression'],
    [`taskSessionTimeout eq '1440'`, 'Invalid expression'],
    [`taskSessionTimeout sw 1`, 'Invalid expression'],
    [`taskType eq Reloaded`, 'Invalid expression'],
    [`createdDate gt 2026-01-05`, 'Invalid expression'],
    [`createdDate gt 'yesterday'`, 'Invalid expression'],
    [`createdDate gt '2026-13-45'`, 'Invalid expression'],
    [`colour eq 'red'`, 'Invalid property: colour'],
    [`app eq ${appId}`, 'Invalid property: app'],
    [`name.length eq 3`, 'Invalid property: name.length'],
    [`app..id eq ${appId}`, 'Invalid property: app..id'],
    [`privileges eq 'read'`, 'Invalid property: privileges'],
    [`constructor.name eq 'Object'`, 'Invalid property: constructor.name'],
    [`${'('.repeat(5_000)}name eq 'a'${')'.repeat(5_000)}`, /^Cannot parse the expression/],
  ])('refuses %s', (filter, message) => {
    const refusal = refusalOf(() => tasks(filter))
    expect(refusal?.status).toBe(400)
    expect(refusal?.message).toMatch(message)
  })
})

describe('a filter on apps', () => {
  it.each([
    [`published eq False`, ['Draft']],
    [`stream.name eq 'Everyone'`, ['Sales']],
    [`stream.name ne 'Everyone'`, []],
    [`fileSize gt 10`, ['Draft']],
    [`fileSize ge 10`, ['Sales', 'Draft']],
    [`availabilityStatus eq Available`, ['Sales', 'Draft']],
    [`owner.userId eq 'SA_REPOSITORY'`, ['Sales', 'Draft']],
    [`id eq ${appId} or id eq 00000000-0000-0000-0000-000000000000`, ['Sales']],
  ])('%s', (filter, expected) => {
    expect(apps(filter)).toEqual(expected)
  })
})

it('reaches into lists of plain text', () => {
  const names = [...store.customProperties.values()].filter(compileFilter('CustomPropertyDefinition', `choiceValues eq 'it'`))
  expect(names.map(({ name }) => name)).toEqual(['Owner'])
})

function refusalOf(attempt: () => unknown): Refusal | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
