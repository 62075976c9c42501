import type { TypeName } from '../entity-type.js'
import { compileComparison } from './compare.js'
import { parseFilter, type Expression } from './parse.js'
import { anyAt, resolvePath } from './path.js'

/** Tells whether an entity passes a filter. */
export type Filter = (entity: unknown) => boolean

/**
 * Compiles the `filter` of a QRS call for entities of one type.
 *
 * Comparisons are independent of each other, so a custom property's name and value may be found in two different values of one entity,
 * as on a live site. The short form `@Name eq 'value'` looks at one value.
 *
 * @throws {@link Refusal} 400
 * @see https://help.qlik.com/en-US/sense-developer/Subsystems/RepositoryServiceAPI/Content/Sense_RepositoryServiceAPI/RepositoryServiceAPI-Filtering.htm
 */
export function compileFilter(type: TypeName, expression: string): Filter {
  return compile(type, parseFilter(expression))
}

function compile(type: TypeName, expression: Expression): Filter {
  if (expression.kind === 'comparison') return compileTerm(type, expression)
  const left = compile(type, expression.left)
  const right = compile(type, expression.right)
  return expression.kind === 'and' ? (entity) => left(entity) && right(entity) : (entity) => left(entity) || right(entity)
}

function compileTerm(type: TypeName, { path, operator, literal }: Extract<Expression, { readonly kind: 'comparison' }>): Filter {
  const [first = ''] = path
  if (first.startsWith('@')) return customProperty(type, path.join('.').slice(1), compileComparison('text', operator, literal))
  const { names, field } = resolvePath(type, path)
  const test = compileComparison(field, operator, literal)
  return (entity) => anyAt(entity, names, test)
}

// Known from practice with the management console; documented nowhere.
function customProperty(type: TypeName, name: string, test: (value: unknown) => boolean): Filter {
  const { names } = resolvePath(type, ['customProperties', 'value'])
  const wanted = name.toLowerCase()
  return (entity) =>
    anyAt(entity, names.slice(0, 1), (found) => {
      const { definition, value } = found as { readonly definition: { readonly name: string }; readonly value: string }
      return definition.name.toLowerCase() === wanted && test(value)
    })
}
