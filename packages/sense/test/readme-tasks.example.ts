import type { Sense } from '@butlerkit/sense'

export async function nightly({ tasks }: Sense): Promise<void> {
  const region = { customProperty: { name: 'Region', value: 'EMEA' } }
  for (const { task, result, error } of await tasks.runMany([{ tag: 'nightly' }, region], { concurrency: 4 })) {
    console.log(task.name, result?.status ?? error)
  }
  await tasks.runChain([{ name: 'Extract' }, { name: 'Transform' }, { name: 'Load' }]) // each after the success of the one before
  const running = await tasks.follow({ name: 'Started by somebody else' })
  await running?.abort()
}
