import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many routes a program has. */
export const routes = 500
const files = 20

// Inside core, where zod and core itself are found as they are from a program that uses them; not in git.
const scratch = join(import.meta.dirname, '../../packages/core/.tmp/types')
const tsconfig = { extends: '../../../../../tsconfig.base.json', compilerOptions: { noEmit: true }, include: ['*.ts'] }

/** A program to be type-checked: what each of its files begins with, and what it says for each route. */
export interface GeneratedProgram {
  readonly name: string
  readonly head: string
  readonly route: (route: number) => string
}

/** Five levels, two of them captured, three fields in, two out, a handler that uses every value. */
export const typedRoutes: GeneratedProgram = {
  name: 'routes',
  head: `import { z } from 'zod'
import { createRouter, topic } from '@butlerkit/core'
export const router = createRouter<{ sense: { start(id: string): Promise<string> } }>()
`,
  route: (route) => `
export const topic${route} = topic('${pattern(route)}', {
  payload: z.object({ a${route}: z.string(), b: z.number().int().optional(), c: z.enum(['x', 'y']) }),
  reply: z.object({ ok: z.boolean(), n${route}: z.number() }),
})
router.on(topic${route}, async ({ params, payload, ctx }) => {
  const id = await ctx.sense.start(params.site + params.id + payload.a${route} + payload.c)
  return { ok: id !== '', n${route}: payload.b ?? 0 }
})
`,
}

/** The same patterns, and nothing else. */
export const bareTopics: GeneratedProgram = {
  name: 'bare',
  head: `import { topic } from '@butlerkit/core'\n`,
  route: (route) => `export const topic${route} = topic('${pattern(route)}')\n`,
}

/** No route: core's own source, which a program that installed core has no share in. */
export const noRoutes: GeneratedProgram = {
  name: 'none',
  head: `export { z } from 'zod'\nexport { createRouter, topic } from '@butlerkit/core'\n`,
  route: () => '',
}

/**
 * Writes a program and its tsconfig.
 *
 * @returns its folder
 */
export function generate({ name, head, route }: GeneratedProgram): string {
  const folder = join(scratch, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (let file = 0; file < files; file++) {
    const said = Array.from({ length: routes / files }, (_, index) => route(file * (routes / files) + index))
    writeFileSync(join(folder, `routes${file}.ts`), head + said.join(''))
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  return folder
}

function pattern(route: number): string {
  return `qliksense/+site/area${Math.floor(route / (routes / files))}/route${route}/+id`
}
