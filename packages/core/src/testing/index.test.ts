import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as testing from './index.js'

it('exports these names', () => {
  expect(Object.keys(testing).toSorted()).toEqual([
    'createVirtualClock',
    'notifierContract',
    'recorder',
    'storeContract',
    'testButler',
    'transportContract',
  ])
})

it('loads no test runner', () => {
  const seen = new Set<string>()
  const outside = importsBelow(new URL('index.ts', import.meta.url), seen)
  expect(seen.size).toBeGreaterThan(20)
  expect([...outside].filter((name) => !name.startsWith('node:')).toSorted()).toEqual(['@standard-schema/spec', 'eventemitter3'])
})

/** The packages a file needs, and those that the files it imports need. */
function importsBelow(file: URL, seen: Set<string>): Set<string> {
  if (seen.has(file.href)) return new Set()
  seen.add(file.href)
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)].map(([, specifier = '']) => specifier)
  return new Set(
    specifiers.flatMap((specifier) =>
      specifier.startsWith('.') ? [...importsBelow(new URL(specifier.replace(/\.js$/, '.ts'), file), seen)] : [specifier],
    ),
  )
}
