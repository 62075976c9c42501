import { describe, expect, it } from 'vitest'
import { checkPathSyntax } from './path-syntax.js'

const onBoth: readonly (readonly [string, string])[] = [
  ['', 'empty'],
  ['  ', 'empty'],
  ['/data/a\0b', 'control character'],
  ['/data/a\nb', 'control character'],
  ['/data/\u202Etxt.exe', 'control character'],
  ['/data/..', '..'],
  ['/data/../etc', '..'],
  ['..', '..'],
  ['a/..', '..'],
  ['/data/.. /x', 'dot or a space'],
  ['/data/.../x', 'dot or a space'],
  ['/data/./x', 'dot or a space'],
  ['/data/secret.', 'dot or a space'],
  ['/data/secret ', 'dot or a space'],
  ['/data/%2e%2e/x', 'percent'],
  ['/data/%252e%252e/x', 'percent'],
  ['/data/..%2Fx', 'percent'],
  ['/data/%c0%ae%c0%ae/x', 'percent'],
  ['/data/%00', 'percent'],
  ['/data/\uFF0E\uFF0E\uFF0Fx', 'look-alike'],
  ['/data\u2215x', 'look-alike'],
  ['/data\uFF3Cx', 'look-alike'],
  ['/data/a\uFFFDb', 'UTF-8'],
  ['//host/share', 'network or device'],
  ['\\\\host\\share', 'network or device'],
  ['\\\\?\\C:\\data', 'network or device'],
  ['\\\\.\\C:', 'network or device'],
  ['//./pipe/x', 'network or device'],
  ['C:data', 'colon'],
  ['/data/a.txt:stream', 'colon'],
  ['/data/a.txt::$DATA', 'colon'],
  ['/data/C:/x', 'colon'],
  ['/data/CON', 'device'],
  ['/data/nul.txt', 'device'],
  ['/data/aux/x', 'device'],
  ['/data/COM1.tar.gz', 'device'],
  ['/data/lpt\u00B9', 'device'],
  ['/data/con .txt', 'device'],
  ['/data/CONIN$', 'device'],
  ['/data/PROGRA~1/x', '8.3'],
  ['/data/SECRET~1.TXT', '8.3'],
]

describe.each([
  ['Windows', true],
  ['other systems', false],
])('on %s', (_, windows) => {
  it.each(onBoth)('refuses %j', (path, problem) => {
    expect(() => checkPathSyntax(path, windows)).toThrow(
      expect.objectContaining({ code: 'PATH_DENIED', message: expect.stringContaining(problem) }),
    )
  })

  it.each([
    '/data',
    '/data/',
    '/data//a',
    '/data/a b',
    '/data/.hidden',
    '/data/a..b',
    '/data/console',
    '/data/com10',
    '/data/100%',
    '/data/é',
    'a/b',
  ])('takes %j', (path) => {
    expect(() => checkPathSyntax(path, windows)).not.toThrow()
  })
})

it.each(['C:\\data\\a', 'c:/data', 'D:\\', 'a\\b'])('takes %j on Windows only', (path) => {
  expect(() => checkPathSyntax(path, true)).not.toThrow()
  expect(() => checkPathSyntax(path, false)).toThrow('path holds a')
})

it.each(['C:\\data\\..\\x', 'C:\\data\\nul', 'C:\\data:x', 'C:', 'C:\\a \\b'])('refuses %j on Windows too', (path) => {
  expect(() => checkPathSyntax(path, true)).toThrow(expect.objectContaining({ code: 'PATH_DENIED' }))
})
