import { Refusal } from '../../http/answer.js'
import { isReference, type Field, type Reference, type TypeName } from '../entity-type.js'
import { model } from '../model.js'

/** Where a dotted path of a filter leads, from a type on. */
export interface ResolvedPath {
  /** The fields to follow, in their true spelling. */
  readonly names: readonly string[]
  /** What is found there: never a reference. */
  readonly field: Exclude<Field, Reference | 'privileges'>
  /** Whether it may be found several times: the path goes through a list. */
  readonly many: boolean
}

const spellings = new Map<TypeName, ReadonlyMap<string, string>>()

/**
 * Finds a dotted path in a type; upper and lower case are the same, as on a live site.
 *
 * @throws {@link Refusal} 400 when there is no such property, or it holds an entity and not a value
 */
export function resolvePath(type: TypeName, path: readonly string[]): ResolvedPath {
  const names: string[] = []
  let current: TypeName | undefined = type
  let field: Field | undefined
  let many = false
  for (const segment of path) {
    if (current === undefined) throw invalidProperty(path)
    const name: string | undefined = spellingsOf(current).get(segment.toLowerCase())
    if (name === undefined) throw invalidProperty(path)
    names.push(name)
    field = model[current].fields[name]
    const reference: Reference | undefined = field !== undefined && isReference(field) ? field : undefined
    many ||= reference?.many ?? (typeof field === 'object' && 'list' in field)
    current = reference?.type
  }
  if (field === undefined || field === 'privileges' || isReference(field)) throw invalidProperty(path)
  return { names, field, many }
}

/** Whether any value the path leads to passes the test. Each element of a list counts; null leads nowhere. */
export function anyAt(value: unknown, names: readonly string[], test: (value: unknown) => boolean, depth = 0): boolean {
  if (value === null || value === undefined) return false
  if (Array.isArray(value)) return value.some((element) => anyAt(element, names, test, depth))
  const name = names[depth]
  if (name === undefined) return test(value)
  return anyAt((value as Record<string, unknown>)[name], names, test, depth + 1)
}

function spellingsOf(type: TypeName): ReadonlyMap<string, string> {
  let known = spellings.get(type)
  if (known === undefined) {
    known = new Map(Object.keys(model[type].fields).map((name) => [name.toLowerCase(), name]))
    spellings.set(type, known)
  }
  return known
}

// The text is ours; that of a live site is not known.
function invalidProperty(path: readonly string[]): Refusal {
  return new Refusal(400, `Invalid property: ${path.join('.')}`)
}
