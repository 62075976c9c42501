import { dirname, join } from 'node:path'
import ts from 'typescript'

// Inside core, where zod and core itself are found as they are from a program that uses them.
const sample = join(import.meta.dirname, '../../packages/core/test/hovers.example.ts')

/** What an editor shows of a name when the pointer rests on it. */
export interface Hover {
  /** As the sample calls it. */
  readonly title: string
  readonly text: string
}

/** What TypeScript's language service shows of the names that the sample marks: `//? title: name`, its next occurrence. */
export function readHovers(): readonly Hover[] {
  const service = ts.createLanguageService(languageServiceHost())
  const source = ts.sys.readFile(sample) ?? ''
  const hovers = [...source.matchAll(/\/\/\? (.+): (\w+)\n/g)].map(({ index, 0: mark, 1: title = '', 2: name = '' }) => {
    const place = source.slice(index + mark.length).search(new RegExp(`(?<!: )\\b${name}\\b`))
    const info = service.getQuickInfoAtPosition(sample, index + mark.length + place)
    return { title, text: ts.displayPartsToString(info?.displayParts) }
  })
  service.dispose()
  return hovers
}

function languageServiceHost(): ts.LanguageServiceHost {
  const { config } = ts.readConfigFile(join(import.meta.dirname, '../../tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, dirname(sample))
  const { fileExists, readFile, readDirectory, directoryExists, getDirectories, realpath = (path) => path } = ts.sys
  return {
    getScriptFileNames: () => [sample],
    getScriptVersion: () => '1',
    getScriptSnapshot(name) {
      const text = readFile(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => dirname(sample),
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists,
    readFile,
    readDirectory,
    directoryExists,
    getDirectories,
    realpath,
  }
}
