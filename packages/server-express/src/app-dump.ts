import { z } from 'zod'

const parts = z.array(z.unknown()).readonly()

/** An app without its data, under Butler's names; what is in the lists is the engine's. */
export const appDump = z.object({
  appId: z.string(),
  properties: z.unknown(),
  loadScript: z.string(),
  sheets: parts,
  stories: parts,
  masterobjects: parts,
  appprops: parts,
  dimensions: parts,
  measures: parts,
  bookmarks: parts,
  embeddedmedia: parts,
  snapshots: parts,
  fields: parts,
  dataconnections: parts,
  variables: parts,
  lineage: parts,
})

/** An app without its data, under Butler's names; what is in the lists is the engine's. */
export type AppDump = Readonly<z.output<typeof appDump>>
