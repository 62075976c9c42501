import type { AnySchema } from '../topic/topic.js'

/** A setting's value, or what is wrong with it in words that do not hold it. */
export type CheckedSetting = { readonly value: unknown } | { readonly messages: readonly string[] }

/** Checks one setting; `undefined` where it was not given, for schemas with a default. Never throws. */
export function checkSetting(schema: AnySchema, given: unknown): CheckedSetting {
  const result = attempt(() => schema['~standard'].validate(given))
  if ('thrown' in result) return { messages: [`its schema threw ${result.thrown}`] }
  const { returned } = result
  if (returned instanceof Promise) {
    returned.catch(() => {})
    // zod runs a schema that threw once more, with promises allowed: from here the two look the same.
    return { messages: ['its schema threw, or answers with a promise: settings are read at once'] }
  }
  if (!returned.issues) return { value: returned.value }
  if (given === undefined) return { messages: ['missing'] }
  const messages = returned.issues.map(({ message, path = [] }) => {
    const place = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
    return withoutValue(place === '' ? message : `${message} (at ${place})`, given)
  })
  return { messages: [...new Set(messages)] }
}

// Only the error's name: its message may quote the value, as that of `new URL` does in its `input`.
function attempt<T>(run: () => T): { readonly returned: T } | { readonly thrown: string } {
  try {
    return { returned: run() }
  } catch (error) {
    return { thrown: error instanceof Error ? error.name : typeof error }
  }
}

// Some schema libraries quote what they got (valibot: `Invalid URL: Received "…"`), and a setting nobody marked may still hold a password.
function withoutValue(message: string, value: unknown): string {
  return textsOf(value).reduce((text, part) => {
    const quoted = [`"${part}"`, `'${part}'`, `\`${part}\``].reduce((rest, quote) => rest.replaceAll(quote, '[value]'), text)
    return part.length < 4 ? quoted : quoted.replaceAll(part, '[value]')
  }, message)
}

// The longest first: one may be part of another.
function textsOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value)
      .flatMap(textsOf)
      .toSorted((a, b) => b.length - a.length)
  }
  return value === '' ? [] : [String(value)]
}
