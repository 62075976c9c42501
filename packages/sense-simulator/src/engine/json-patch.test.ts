import { describe, expect, it } from 'vitest'
import { diff } from './json-patch.js'

describe('diff', () => {
  it.each([
    ['everything where there was nothing', undefined, { a: 1 }, [{ op: 'add', path: '/', value: { a: 1 } }]],
    ['nothing where all is the same', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    [
      'what is added, replaced and gone',
      { a: 1, b: 2 },
      { b: 3, c: 4 },
      [
        { op: 'remove', path: '/a' },
        { op: 'replace', path: '/b', value: 3 },
        { op: 'add', path: '/c', value: 4 },
      ],
    ],
    ['what is deeper', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [{ op: 'replace', path: '/a/b/c', value: 2 }]],
    ['a list as a whole', { a: [1, 2] }, { a: [1] }, [{ op: 'replace', path: '/a', value: [1] }]],
    ['names with / and ~', { 'a/b~': 1 }, { 'a/b~': 2 }, [{ op: 'replace', path: '/a~1b~0', value: 2 }]],
    ['null and an object', { a: null }, { a: {} }, [{ op: 'replace', path: '/a', value: {} }]],
    ['a plain value', 'old', 'new', [{ op: 'add', path: '/', value: 'new' }]],
    ['a list at the top', [1], [1, 2], [{ op: 'add', path: '/', value: [1, 2] }]],
  ])('tells %s', (_, before, after, patches) => {
    expect(diff(before, after)).toEqual(patches)
  })
})
