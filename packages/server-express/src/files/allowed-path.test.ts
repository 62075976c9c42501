import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowedPath, allowedPathBelow, isInside } from './allowed-path.js'
import { createDirectory } from './create-directory.js'

// top/allowed/{sub, file, in -> sub, out -> ../outside, up -> .., broken -> ../outside/missing, loop -> loop}, top/allowed-evil,
// top/outside/{file}, top/door -> allowed
let top = ''
beforeAll(async () => {
  top = await realpath(await mkdtemp(path.join(tmpdir(), 'butlerkit-path-')))
  for (const place of ['allowed/sub', 'allowed-evil', 'outside']) await mkdir(path.join(top, place), { recursive: true })
  for (const place of ['allowed/file', 'outside/file']) await writeFile(path.join(top, place), '')
  const links = { in: 'sub', out: '../outside', up: '..', broken: '../outside/missing', loop: 'loop' }
  for (const [name, target] of Object.entries(links)) await symlink(target, path.join(top, 'allowed', name))
  await symlink('allowed', path.join(top, 'door'))
})
afterAll(() => rm(top, { recursive: true }))

describe('allowedPath', () => {
  it.each([
    ['allowed', 'allowed'],
    ['allowed/', 'allowed'],
    ['allowed/new', 'allowed/new'],
    ['allowed/new/er/est', 'allowed/new/er/est'],
    ['allowed//sub', 'allowed/sub'],
    ['allowed/in', 'allowed/sub'],
    ['allowed/in/new', 'allowed/sub/new'],
    ['allowed/up/allowed/sub', 'allowed/sub'],
  ])('allows %s', async (requested, real) => {
    await expect(allowedPath(`${top}/${requested}`, [`${top}/other`, `${top}/allowed`])).resolves.toBe(path.join(top, real))
  })

  it.each([
    ['outside', 'PATH_DENIED'],
    ['outside/file/below', 'PATH_DENIED'],
    ['allowed-evil', 'PATH_DENIED'],
    ['allowe', 'PATH_DENIED'],
    ['', 'PATH_DENIED'],
    ['allowed/out', 'PATH_DENIED'],
    ['allowed/out/new', 'PATH_DENIED'],
    ['allowed/up', 'PATH_DENIED'],
    ['allowed/up/allowed-evil', 'PATH_DENIED'],
    ['allowed/up/new', 'PATH_DENIED'],
    ['allowed/broken', 'PATH_DENIED'],
    ['allowed/broken/new', 'PATH_DENIED'],
    ['allowed/loop/new', 'PATH_DENIED'],
    ['allowed/file/below', 'PATH_CONFLICT'],
    [`allowed/${'x'.repeat(300)}`, 'PATH_DENIED'],
  ])('refuses %s', async (requested, code) => {
    await expect(allowedPath(`${top}/${requested}`, [`${top}/allowed`])).rejects.toMatchObject({ code })
  })

  it('refuses a relative path, and everything where nothing is allowed', async () => {
    await expect(allowedPath('allowed', [`${top}/allowed`])).rejects.toMatchObject({ code: 'PATH_DENIED' })
    await expect(allowedPath(`${top}/allowed`, [])).rejects.toMatchObject({ code: 'PATH_DENIED' })
  })

  it('follows a root that is a link itself', async () => {
    await expect(allowedPath(`${top}/door/new`, [`${top}/door`])).resolves.toBe(path.join(top, 'allowed/new'))
  })

  it('does not make up a root that is not there', async () => {
    await expect(allowedPath(`${top}/other/new`, [`${top}/other`])).rejects.toMatchObject({ code: 'PATH_FAILED' })
  })

  it.each(['PATH_DENIED'])('tells the same of what is and what is not there outside: %s', async (code) => {
    for (const requested of ['outside/file', 'outside/missing', 'outside/file/below']) {
      const told = allowedPath(`${top}/${requested}`, [`${top}/allowed`])
      await expect(told).rejects.toMatchObject({ code, message: 'path is outside of what is allowed' })
    }
  })
})

describe('allowedPathBelow', () => {
  it('takes a relative path', async () => {
    await expect(allowedPathBelow('in/new', `${top}/allowed`)).resolves.toBe(path.join(top, 'allowed/sub/new'))
  })

  it.each(['/sub', 'out/new', '../allowed-evil', 'broken'])('refuses %s', async (requested) => {
    await expect(allowedPathBelow(requested, `${top}/allowed`)).rejects.toMatchObject({ code: 'PATH_DENIED' })
  })
})

describe('isInside', () => {
  it.each([
    ['/data/app', '/data/app', true],
    ['/data/app', '/data/app/x', true],
    ['/data/app', '/data/app/..x', true],
    ['/', '/x', true],
    ['/data/app', '/data/app-evil', false],
    ['/data/app', '/data', false],
    ['/data/app', '/data/APP/x', false],
  ])('on POSIX: %s, %s', (outer, inner, expected) => {
    expect(isInside(outer, inner, path.posix)).toBe(expected)
  })

  it.each([
    ['C:\\Data', 'c:\\data\\x', true],
    ['C:\\', 'C:\\x', true],
    ['\\\\host\\share', '\\\\HOST\\share\\x', true],
    ['C:\\Data', 'C:\\Data-evil', false],
    ['C:\\Data', 'D:\\Data', false],
    ['C:\\Data', '\\\\host\\Data', false],
    ['\\\\host\\share', '\\\\host\\share2\\x', false],
  ])('on Windows: %s, %s', (outer, inner, expected) => {
    expect(isInside(outer, inner, path.win32)).toBe(expected)
  })
})

describe('createDirectory', () => {
  it('notices a link that came between the check and the making', async () => {
    const real = await allowedPath(`${top}/allowed/swapped/new`, [`${top}/allowed`])
    await symlink('../outside', path.join(top, 'allowed/swapped'))
    await expect(createDirectory(real)).rejects.toMatchObject({ code: 'PATH_DENIED' })
  })

  it('says that a file is in the way', async () => {
    await expect(createDirectory(path.join(top, 'allowed/file'))).rejects.toMatchObject({ code: 'PATH_CONFLICT' })
  })
})
