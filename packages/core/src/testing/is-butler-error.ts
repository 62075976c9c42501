import assert from 'node:assert/strict'
import { ButlerError } from '../errors.js'

/** For `assert.rejects`: says what was thrown instead. */
export function isButlerError(error: unknown): boolean {
  assert.ok(ButlerError.is(error), `not a ButlerError: ${String(error)}`)
  return true
}
