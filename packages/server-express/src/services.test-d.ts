import type { Butler } from '@butlerkit/core'
import type { Sense } from '@butlerkit/sense'
import { expectTypeOf, it } from 'vitest'
import type { ButlerServices, SenseServices } from './services.js'

it('takes a butler and a Sense client as they are', () => {
  expectTypeOf<Butler>().toExtend<ButlerServices>()
  expectTypeOf<Sense>().toExtend<SenseServices>()
})
