import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.js'

export default defineConfig(
  library({ index: 'src/index.ts', asyncapi: 'src/asyncapi/index.ts', config: 'src/config/index.ts', testing: 'src/testing/index.ts' }),
)
