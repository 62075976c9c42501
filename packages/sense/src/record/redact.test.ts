import { describe, expect, it } from 'vitest'
import { createRedactor } from './redact.js'

const id = '3F1C0F0A-6a52-4a0e-9d7e-0b6f8f3b2a11'

describe('a recorded value', () => {
  it('keeps its form and loses names, the same name becoming the same stand-in', () => {
    const { value } = createRedactor([])
    const clean = value({
      id,
      name: 'Canary',
      owner: { userId: 'Canary', id: id.toLowerCase() },
      published: true,
      fileSize: 7,
      publishTime: '1753-01-01T00:00:00.000Z',
      none: '00000000-0000-0000-0000-000000000000',
      stream: null,
      description: '',
      schemaPath: 'App',
      timeZone: 'Europe/Stockholm',
      schemaFilterDescription: ['* * - 1 * * * *'],
      tags: ['Canary', 'other canary'],
      'canary key': 1,
      details: [{ message: 'Changing task state from Triggered to Started' }, { message: 'Sending task to slave-node CANARY' }],
    }) as Record<string, unknown>
    expect(JSON.stringify(clean)).not.toMatch(/canary|3f1c0f0a/i)
    expect(clean).toMatchObject({
      id: 'id-1',
      name: 'text6-2',
      owner: { userId: 'text6-2', id: 'id-1' },
      published: true,
      fileSize: 7,
      publishTime: '1753-01-01T00:00:00.000Z',
      none: '00000000-0000-0000-0000-000000000000',
      stream: null,
      description: '',
      schemaPath: 'App',
      timeZone: 'Europe/Stockholm',
      schemaFilterDescription: ['* * - 1 * * * *'],
      details: [{ message: 'Changing task state from Triggered to Started' }, {}],
    })
  })
})

describe('a recorded text', () => {
  it('keeps its words and loses whom they are about', () => {
    const { text } = createRedactor(['canary.lab', 'canary', 'ann'])
    expect(text(`The app ${id} of "Canary" on CANARY.lab (10.1.2.3) was not found for ann@lab.com, see https://canary.lab/x`)).toBe(
      'The app id-1 of "…" on … (…) was not found for …, see …',
    )
  })
})
