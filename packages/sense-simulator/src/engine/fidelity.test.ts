import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { docMethods } from './doc-methods.js'
import { globalMethods } from './global-methods.js'
import { objectMethods } from './object-methods.js'
import { qixCodes } from './qix-error.js'

interface Signature {
  readonly In: readonly { readonly Name: string }[]
  readonly Out: readonly { readonly Name: string }[]
}

// Qlik's own description of the engine, as enigma.js carries it.
const { structs } = createRequire(import.meta.url)('enigma.js/schemas/12.2027.0.json') as {
  readonly structs: Readonly<Record<string, Readonly<Record<string, Signature>>>>
}
const knownCodes = JSON.parse(readFileSync(new URL('../../test/facts/engine-error-codes.json', import.meta.url), 'utf8')) as object

describe('what the engine serves is what QIX has', () => {
  const served = Object.entries({ Global: globalMethods, Doc: docMethods, ...objectMethods })
  it.each(served)('on %s: its methods, with their parameters', (type, methods) => {
    for (const [name, { params }] of Object.entries(methods)) {
      const known = structs[type]?.[name]
      expect(known, `${type}.${name}`).toBeDefined()
      expect(params, `${type}.${name}`).toEqual(known?.In.map(({ Name }) => Name))
    }
  })

  it('numbers errors by their true names', () => {
    expect(knownCodes).toMatchObject(qixCodes)
  })
})
