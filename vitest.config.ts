import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const conditions = ['source', 'module', 'node', 'development|production']
const roots = ['packages', 'examples'].flatMap((folder) =>
  readdirSync(folder)
    .map((name) => `${folder}/${name}`)
    .filter((root) => existsSync(`${root}/package.json`)),
)

export default defineConfig({
  test: {
    // Most of the time goes into waiting for real brokers and processes: both of two cores, where vitest would take one.
    maxWorkers: 2,
    reporters: [process.env['CI'] ? 'default' : 'dot', './scripts/closing-line.ts'],
    projects: [...roots, 'benchmarks'].map((root) => ({
      ssr: { resolve: { conditions } },
      test: { name: root, root, include: ['{src,test}/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
    })),
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})
