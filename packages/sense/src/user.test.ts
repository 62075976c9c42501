import { describe, expect, it } from 'vitest'
import { toUserHeader } from './user.js'

describe('toUserHeader', () => {
  it.each([
    [String.raw`INTERNAL\sa_api`, 'UserDirectory=INTERNAL; UserId=sa_api'],
    [String.raw`LAB\Ann Lee`, 'UserDirectory=LAB; UserId=Ann Lee'],
    [String.raw`LAB\åsa`, 'UserDirectory=LAB; UserId=%C3%A5sa'],
    [String.raw`LAB\ann@lab.example`, 'UserDirectory=LAB; UserId=ann@lab.example'],
  ])('writes %s as a header that is ASCII', (user, header) => {
    expect(toUserHeader(user)).toBe(header)
  })
})
