import type { Options } from 'tsup'

/** How every package is built: ESM and CJS, each with its own types. */
export function library(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    target: 'node20',
    sourcemap: true,
    clean: true,
    treeshake: true,
    // tsup 8 sets baseUrl for its types step, which TypeScript 6 calls deprecated.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  }
}
