import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { validate } from './schema.js'

describe('validate', () => {
  it('gives what the schema gives, at once where it can', () => {
    expect(validate(z.coerce.number(), '42', 'a number')).toBe(42)
  })

  it('waits for a schema that answers later', async () => {
    const later = z.string().refine(async (text) => text === 'good', 'must be good')
    await expect(validate(later, 'good', 'a text')).resolves.toBe('good')
    await expect(validate(later, 'bad', () => 'a text')).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: 'a text does not fit: must be good',
    })
  })

  it('names what was checked and every issue by its path', () => {
    const schema = z.object({ list: z.array(z.object({ n: z.number() })), name: z.string().min(3, 'too short') })
    const check = () => validate(schema, { list: [{ n: 1 }, { n: 'x' }], name: 'ab' }, 'payload of a/b')
    expect(check).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringMatching(/^payload of a\/b does not fit: list\.1\.n: .*; name: too short$/),
        issues: [expect.objectContaining({ path: ['list', 1, 'n'] }), { path: ['name'], message: 'too short' }],
      }),
    )
  })
})
