import type { Topic } from '../topic/topic.js'
import type { AddressWildcard } from './address.js'
import type { AsyncApiParameter } from './document.js'
import type { AddPart } from './schema-book.js'

const descriptions = {
  one: 'One level of the topic.',
  rest: 'The remaining levels of the topic, slashes between them; none where the topic ends before it.',
}

/** A topic's wildcards, with what the contract's schemas say of them as far as AsyncAPI has room for it. */
export function toParameters(
  wildcards: readonly AddressWildcard[],
  contract: Topic,
  add: AddPart,
): Readonly<Record<string, AsyncApiParameter>> {
  return Object.fromEntries(wildcards.map((wildcard) => [wildcard.key, toParameter(wildcard)]))

  function toParameter({ name, kind }: AddressWildcard): AsyncApiParameter {
    const params = contract.definition.params ?? {}
    const source = Object.hasOwn(params, name) ? params[name] : undefined
    if (source === undefined) return { description: descriptions[kind] }
    const { schema, reference } = add(`params.${name}`, source)
    const { description, enum: values, const: value, default: fallback, examples } = schema
    const allowed = value === undefined ? values : [value]
    return {
      description: typeof description === 'string' ? description : descriptions[kind],
      ...(Array.isArray(allowed) && { enum: allowed.map(toText) }),
      ...(fallback !== undefined && { default: toText(fallback) }),
      ...(Array.isArray(examples) && { examples: examples.map(toText) }),
      'x-schema': reference,
    }
  }
}

// AsyncAPI's parameters are texts, as topic levels are.
function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
