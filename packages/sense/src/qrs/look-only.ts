import type { Schema } from '@butlerkit/core'
import type { z } from 'zod'

type Result<Value> = Awaited<ReturnType<Schema<unknown, Value>['~standard']['validate']>>

/** Whether a value fits a schema. */
type Check = (value: unknown) => boolean

/**
 * A schema, and what is made of what fits it. What fits is not copied first, as zod does with every object: for lists of a hundred apps under
 * load those copies cost as much as the request. So fields that the schema does not name are still there: `to` picks its own. What does not
 * fit is read by zod, which says why; so is everything where the schema does more than look.
 *
 * What came never goes through a promise: where many requests wait, theirs are old by the time the answer comes, and what an old one holds
 * stays until the next full collection.
 */
export function lookOnly<S extends z.ZodType, To>(schema: S, to: (value: z.output<S>) => To): Schema<z.input<S>, To> {
  const { validate } = schema['~standard'] as Schema<z.input<S>, z.output<S>>['~standard']
  let check: Check | undefined
  return {
    '~standard': {
      version: 1,
      vendor: 'butlerkit',
      validate(value, options) {
        check ??= compileCheck(schema) ?? (() => false)
        if (check(value)) return { value: to(value as z.output<S>) }
        const result = validate(value, options)
        return result instanceof Promise ? result.then(finish) : finish(result)
      },
    },
  }

  function finish(result: Result<z.output<S>>): Result<To> {
    return result.issues ? result : { value: to(result.value) }
  }
}

/** Compiles a schema into a check that makes nothing; `undefined` for one that does more than look: a transform, a union, a format. */
function compileCheck(schema: z.core.$ZodType): Check | undefined {
  const { def } = schema as z.ZodType
  return compilers[def.type]?.(def as never)
}

/** By the kind of schema. */
const compilers: { readonly [Kind in z.core.$ZodTypeDef['type']]?: (def: never) => Check | undefined } = {
  string: (def: Def) => (isPlain(def) ? (value) => typeof value === 'string' : undefined),
  boolean: (def: Def) => (isPlain(def) ? (value) => typeof value === 'boolean' : undefined),
  // As zod has it, neither NaN nor infinite.
  number: (def: Def) => (isPlain(def) ? (value) => Number.isFinite(value) : undefined),
  optional(def: z.core.$ZodOptionalDef) {
    const check = isPlain(def) ? compileCheck(def.innerType) : undefined
    return check && ((value) => value === undefined || check(value))
  },
  nullable(def: z.core.$ZodNullableDef) {
    const check = isPlain(def) ? compileCheck(def.innerType) : undefined
    return check && ((value) => value === null || check(value))
  },
  array(def: z.core.$ZodArrayDef) {
    const check = isPlain(def) ? compileCheck(def.element) : undefined
    return check && ((value) => Array.isArray(value) && value.every(check))
  },
  object: (def: z.core.$ZodObjectDef) => (isPlain(def) ? compileObject(def.shape) : undefined),
}

function compileObject(shape: Readonly<Record<string, z.core.$ZodType>>): Check | undefined {
  const names = Object.keys(shape)
  const checks: Check[] = []
  for (const name of names) {
    const check = shape[name] && compileCheck(shape[name])
    if (check === undefined) return undefined
    checks.push(check)
  }
  return compileAnd(names, checks)
}

/**
 * Compiled to code that names its fields, as zod does it too: `value.id` is found ten times as fast as `value[name]` for all names in turn.
 * `undefined` where Node was told not to make code from text.
 */
function compileAnd(names: readonly string[], checks: readonly Check[]): Check | undefined {
  const parameters = checks.map((_, index) => `check${index}`)
  const fields = parameters.map((check, index) => ` && ${check}(value[${JSON.stringify(names[index])}])`)
  const body = `return value => typeof value === 'object' && value !== null && !Array.isArray(value)${fields.join('')}`
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- made of our own schemas' field names, each quoted
    return (new Function(...parameters, body) as (...all: readonly Check[]) => Check)(...checks)
  } catch {
    return undefined
  }
}

/** What a definition may hold beside its kind. */
type Def = z.core.$ZodTypeDef & { readonly format?: unknown; readonly catchall?: unknown; readonly coerce?: unknown }

/** Whether a schema only asks for a type: no bounds, no format, no unknown keys refused. */
function isPlain(def: Def): boolean {
  return (def.checks ?? []).length === 0 && def.format === undefined && def.catchall === undefined && def.coerce !== true
}
