import type { Sense } from '@butlerkit/sense'

export async function report({ engine, apps, health }: Sense, appId: string): Promise<void> {
  await engine.withApp(appId, async (app) => {
    console.log('total', await app.evaluate('Sum(Sales)'))
    for await (const [region, sales] of app.hypercube({ dimensions: ['Region'], measures: ['Sum(Sales)'] })) console.log(region, sales)
    const { success, errors } = await app.reload({ onProgress: ({ messages }) => messages.forEach((message) => console.log(message)) })
    if (!success) console.log(errors)
  })
  console.log(JSON.stringify(await apps.dump(appId), null, 2))
  for await (const { state, changed } of health.watch({ everyMs: 30_000 })) if (changed) console.log('the engine is', state)
}
