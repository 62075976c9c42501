import { describe, expect, it } from 'vitest'
import { SenseError } from '../errors.js'
import { createTaskPolicy, type TaskAllowList } from './policy.js'
import type { Task } from './task.js'

const id = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const task: Task = {
  id,
  name: 'Reload sales',
  taskType: 0,
  tags: [{ id, name: 'nightly' }],
  customProperties: [
    { name: 'Region', value: 'EMEA' },
    { name: 'Team', value: 'APAC' },
  ],
}

describe('the task policy', () => {
  it.each<[string, TaskAllowList | 'all']>([
    ['everything is', 'all'],
    ['its id is', { ids: [id] }],
    ['its id is in capitals', { ids: [id.toUpperCase()] }],
    ['one of its tags is', { tags: ['other', 'nightly'] }],
    ['one of its custom properties is', { customProperties: [{ name: 'Region', value: 'EMEA' }] }],
  ])('allows a task when %s on the list', (_, allowed) => {
    expect(createTaskPolicy(allowed).allows(task)).toBe(true)
  })

  it.each<[string, TaskAllowList]>([
    ['nothing is', {}],
    ['the lists are empty', { ids: [], tags: [], customProperties: [] }],
    ['another id is', { ids: ['3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a12'] }],
    ['its name is as a tag', { tags: ['Reload sales'] }],
    ['its tag is in capitals', { tags: ['Nightly'] }],
    ['the name of one property and the value of another is', { customProperties: [{ name: 'Region', value: 'APAC' }] }],
  ])('denies a task when %s on the list', (_, allowed) => {
    expect(createTaskPolicy(allowed).allows(task)).toBe(false)
  })

  it('is not changed by changing what it was made from', () => {
    const ids: string[] = []
    const policy = createTaskPolicy({ ids })
    ids.push(id)
    expect(policy.allows(task)).toBe(false)
  })

  it('refuses an id that is not a GUID, naming it', () => {
    expect(() => createTaskPolicy({ ids: ['nightly'] })).toThrow(SenseError)
    expect(() => createTaskPolicy({ ids: ['nightly'] })).toThrow(/"nightly" is not a GUID/)
  })
})
