import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.js'

// Shims give the CJS build the import.meta.url that the engine's schema is found by.
export default defineConfig({
  ...library({ index: 'src/index.ts', cloud: 'src/cloud/index.ts', events: 'src/events/index.ts', cli: 'src/cli.ts' }),
  shims: true,
})
