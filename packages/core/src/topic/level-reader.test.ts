import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LevelReader } from './level-reader.js'

interface Read {
  readonly words: readonly number[]
  readonly hash: number
}

function read(text: string, reader = new LevelReader()): Read[] {
  const levels: Read[] = []
  reader.open(text)
  while (reader.next()) levels.push({ words: [...reader.words.subarray(0, reader.length)], hash: reader.hash })
  return levels
}

/** The words of one level, as they should be: its bytes in fours, the last filled up with zeros. */
function wordsOf(level: string): number[] {
  const bytes = Buffer.from(level)
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4)
  bytes.copy(padded)
  return Array.from({ length: padded.length / 4 }, (_, i) => padded.readInt32LE(i * 4))
}

describe('LevelReader', () => {
  it.each([
    ['one level', 'a', ['a']],
    ['levels that end beside and on a word', 'a/ab/abc/abcd/abcde/abcdefgh', ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefgh']],
    ['empty levels', '//a//', ['', '', 'a', '', '']],
    ['a separator alone', '/', ['', '']],
    ['bytes above 0x7f', 'värme/läge/世界/😀', ['värme', 'läge', '世界', '😀']],
    ['bytes next to the separator', '.0./0.0/\u007f\u0001', ['.0.', '0.0', '\u007f\u0001']],
    ['wildcards', '+/#', ['+', '#']],
  ])('reads %s', (_name, text, levels) => {
    expect(read(text).map(({ words }) => words)).toEqual(levels.map(wordsOf))
  })

  it('gives equal levels equal words and hashes, others other words, wherever they stand', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((each) => each.replaceAll(/[/\0]/g, '.'))
    const reader = new LevelReader()
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (levels) => {
        const found = read(levels.join('/'), reader)
        expect(found.map(({ words }) => words)).toEqual(levels.map(wordsOf))
        for (const [i, level] of levels.entries()) expect(found[i]).toEqual(read(level, reader)[0])
      }),
    )
  })

  it('reads 65,535 bytes: as one level, as empty levels, as three-byte characters', () => {
    const reader = new LevelReader()
    expect(read('a'.repeat(65_535), reader).map(({ words }) => words.length)).toEqual([16_384])
    expect(read('/'.repeat(65_534), reader)).toHaveLength(65_535)
    expect(read('世'.repeat(21_845), reader)[0]!.words).toEqual(wordsOf('世'.repeat(21_845)))
    expect(read('a/b', reader).map(({ words }) => words)).toEqual(['a', 'b'].map(wordsOf))
  })
})
