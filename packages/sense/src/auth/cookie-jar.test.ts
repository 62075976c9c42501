import { expect, it } from 'vitest'
import { createCookieJar } from './cookie-jar.js'

it('keeps one cookie or several, the last of a name, and leaves their attributes aside', () => {
  const jar = createCookieJar('a=1; b=x=y')
  expect(jar.header()).toBe('a=1; b=x=y')
  expect(jar.take({ 'set-cookie': 'a=2; Path=/; HttpOnly' })).toBe(true)
  expect(jar.take({ 'set-cookie': ['a=3', 'c=4; Secure'] })).toBe(true)
  expect(jar.take({ 'set-cookie': 'a=3; Path=/other' })).toBe(false)
  expect(jar.take({})).toBe(false)
  expect(jar.header()).toBe('a=3; b=x=y; c=4')
})

it('has no header while it is empty, and takes nothing without a name', () => {
  const jar = createCookieJar()
  expect(jar.take({ 'set-cookie': '=x' })).toBe(false)
  expect(jar.header()).toBeUndefined()
})
