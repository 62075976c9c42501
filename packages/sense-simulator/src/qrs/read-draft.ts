import { isGuid } from '../guid.js'
import { Refusal } from '../http/answer.js'
import { readScheduleFilter } from '../scheduler/schedule-filter.js'
import { isTimeZone } from '../scheduler/time-zone.js'
import { toDraft, type Draft } from './body.js'
import { enums, type EnumName } from './enums.js'
import { isReference, type Field, type Reference, type TypeName } from './entity-type.js'
import { model } from './model.js'
import { writableTypes } from './writing.js'

/** What reading a body needs to know of the site. */
export interface DraftReader {
  /** An entity by its type and id. */
  find(type: TypeName, id: string): { readonly id: string } | undefined
  /** The head of a new part: its id, dates and who made it. */
  head(type: TypeName): Record<string, unknown>
}

const limits: Readonly<Record<string, readonly [least: number, most: number]>> = {
  maxRetries: [0, 20],
  taskSessionTimeout: [1, 35_000],
}
const longestName = 500
/** What a text, or each of a list, must be like. What a live site does with others is not known; refusing them shows the mistake. */
const forms: Readonly<Record<string, (text: string) => boolean>> = {
  timeZone: isTimeZone,
  incrementDescription: (text) => /^\d+ \d+ \d+ \d+$/.test(text),
  schemaFilterDescription: (text) => readScheduleFilter(text, 0) !== undefined,
}

/**
 * Reads the fields of a type that can be written from a body. What is missing becomes its default: a body that leaves a property out
 * resets it. References become the entities themselves.
 *
 * @param old - what the entity is now; undefined for a new one
 * @throws `Refusal` 400 naming what is wrong
 * @see Qlik Sense Repository Service API, Updating: "omitted properties may be reset"
 */
export function readDraft(type: TypeName, body: Draft, old: Draft | undefined, reader: DraftReader): Record<string, unknown> {
  const writable = writableTypes[type]
  if (writable === undefined) throw new TypeError(`${type} cannot be written`)
  const read: Record<string, unknown> = {}
  for (const [name, fallback] of Object.entries(writable.defaults)) {
    const field = model[type].fields[name]
    if (field === undefined) throw new TypeError(`${type} has no ${name}`)
    const value = body[name]
    // An owner that is left out stays; everything else is reset.
    if (value === undefined) read[name] = fallback === undefined ? old?.[name] : fallback
    else read[name] = readField(name, field, value, type, reader)
  }
  for (const name of writable.required)
    if (read[name] === '' || read[name] === null || read[name] === undefined) throw new Refusal(400, `Invalid property: ${name}`)
  return read
}

function readField(name: string, field: Field, value: unknown, owner: TypeName, reader: DraftReader): unknown {
  const invalid = new Refusal(400, `Invalid property: ${name}`)
  if (isReference(field)) return readReference(name, field, value, owner, reader)
  if (typeof field === 'object') {
    if ('list' in field) {
      if (!Array.isArray(value) || !value.every((element) => typeof element === 'string' && isFormed(name, element))) throw invalid
      return value
    }
    return readEnum(field.enum, value) ?? fail(invalid)
  }
  switch (field) {
    case 'text':
      if (typeof value !== 'string' || !isFormed(name, value) || (name === 'name' && value.length > longestName)) throw invalid
      return value
    case 'bool':
      return typeof value === 'boolean' ? value : fail(invalid)
    case 'int': {
      const [least, most] = limits[name] ?? [0, Number.MAX_SAFE_INTEGER]
      return Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? value : fail(invalid)
    }
    case 'date': {
      const time = new Date(typeof value === 'string' ? withOffset(value) : NaN)
      return Number.isNaN(time.getTime()) ? fail(invalid) : time.toISOString()
    }
    case 'guid':
      return typeof value === 'string' && isGuid(value) ? value.toLowerCase() : fail(invalid)
    case 'privileges':
      return null
    default:
      throw new TypeError(`no kind ${String(field)}`)
  }
}

function isFormed(name: string, text: string): boolean {
  return forms[name]?.(text) ?? true
}

// A time without an offset would be one of the machine we run on.
function withOffset(date: string): string {
  return /:\d\d(?:\.\d+)?$/.test(date) && !/[+-]\d\d:\d\d$/.test(date) ? `${date}Z` : date
}

function readReference(name: string, { type, many }: Reference, value: unknown, owner: TypeName, reader: DraftReader): unknown {
  const invalid = new Refusal(400, `Invalid property: ${name}`)
  if (many) {
    if (!Array.isArray(value)) throw invalid
    return value.map((element) => readElement(name, type, toDraft(element), owner, reader))
  }
  if (value === null) return null
  const draft = toDraft(value)
  if (type === 'CompositeEventTimeConstraint')
    return Object.fromEntries(
      ['days', 'hours', 'minutes', 'seconds'].map((unit) => [unit, readField(unit, 'int', draft[unit] ?? 0, type, reader)]),
    )
  return findById(name, type, draft, reader)
}

function readElement(name: string, type: TypeName, draft: Draft, owner: TypeName, reader: DraftReader): unknown {
  if (type === 'CustomPropertyValue') return readCustomProperty(name, draft, owner, reader)
  if (type !== 'CompositeEventRule') return findById(name, type, draft, reader)
  const task = (kind: 'reloadTask' | 'externalProgramTask' | 'userSyncTask', of: TypeName) =>
    draft[kind] ? findById(kind, of, toDraft(draft[kind]), reader) : null
  return {
    id: typeof draft['id'] === 'string' && isGuid(draft['id']) ? draft['id'].toLowerCase() : reader.head(type)['id'],
    ruleState: readEnum('CompositeEventRule.ruleState', draft['ruleState']) ?? fail(new Refusal(400, 'Invalid property: ruleState')),
    reloadTask: task('reloadTask', 'ReloadTask'),
    externalProgramTask: task('externalProgramTask', 'ExternalProgramTask'),
    userSyncTask: task('userSyncTask', 'UserSyncTask'),
  }
}

// The value must be among those of the definition, which must be meant for the type.
function readCustomProperty(name: string, draft: Draft, owner: TypeName, reader: DraftReader): unknown {
  const definition = findById('definition', 'CustomPropertyDefinition', toDraft(draft['definition']), reader) as unknown as {
    readonly choiceValues: readonly string[]
    readonly objectTypes: readonly string[]
  }
  const { value } = draft
  if (typeof value !== 'string' || !definition.choiceValues.includes(value) || !definition.objectTypes.includes(owner))
    throw new Refusal(400, `Invalid property: ${name}`)
  const head = reader.head('CustomPropertyValue')
  return {
    ...head,
    ...(typeof draft['id'] === 'string' && isGuid(draft['id']) ? { id: draft['id'].toLowerCase() } : {}),
    value,
    definition,
  }
}

function findById(name: string, type: TypeName, { id }: Draft, reader: DraftReader): { readonly id: string } {
  const found = typeof id === 'string' ? reader.find(type, id.toLowerCase()) : undefined
  return found ?? fail(new Refusal(400, `Invalid property: ${name}`))
}

function readEnum(name: EnumName, value: unknown): number | undefined {
  const known = Object.entries(enums[name])
  return known.find(([text, number]) => number === value || (typeof value === 'string' && text.toLowerCase() === value.toLowerCase()))?.[1]
}

function fail(refusal: Refusal): never {
  throw refusal
}
