import { q, type Sense } from '@butlerkit/sense'

export async function tidy({ qrs }: Sense): Promise<void> {
  const old = q`lastReloadTime lt ${new Date('2026-01-01')} and published eq ${false}`
  const archive = await qrs.tags.create({ name: 'archive' })
  for await (const apps of qrs.apps.pages({ filter: old })) {
    for (const app of apps) {
      const file = `/backup/${app.id}.qvf`
      const { sha256 } = await qrs.apps.export(app.id, { to: { file }, skipData: true })
      await qrs.apps.update(app.id, (draft) => {
        draft.tags.push(archive)
        draft.description = `in ${file}, SHA-256 ${sha256}`
      })
    }
  }
}
