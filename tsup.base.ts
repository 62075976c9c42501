import type { Options } from 'tsup'

/** How every package is built: ESM and CJS, each with its own types, each entry sharing its code with the others. */
export function library(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    target: 'node20',
    splitting: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    // tsup 8 sets baseUrl for its types step, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  }
}
