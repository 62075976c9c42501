import { createPublicKey } from 'node:crypto'
import { validate } from '@butlerkit/core'
import * as z from 'zod'
import { appContentSchema } from './engine/app-schema.js'
import { isGuid } from './guid.js'
import { isEnding, isRunStep, type RunStep } from './scheduler/run-script.js'
import { readScheduleFilter } from './scheduler/schedule-filter.js'
import { isTimeZone } from './scheduler/time-zone.js'
import { taskSeeds, type Labels, type SiteSeed, type TaskSeed } from './site-seed.js'

/** A secret may be anything; what looks like PEM must be a key. */
function isKey(text: string): boolean {
  try {
    return !text.includes('-----BEGIN') || createPublicKey(text).type === 'public'
  } catch {
    return false
  }
}

const name = z.string().min(1).max(500)
const guid = z.string().refine(isGuid, 'not a GUID').exactOptional()
const runStep = z.custom<RunStep>(isRunStep, {
  error: 'not a step: use queued, started, retry, success, failed, error, skipped, aborted, or a time such as 500ms, 2s, 1m',
})
const runScript = z
  .array(runStep)
  .min(1)
  .refine((steps) => !steps.slice(0, -1).some(isEnding), 'nothing can follow the end of a run')
const labels = {
  tags: z.array(name).exactOptional(),
  customProperties: z.record(name, z.array(z.string())).exactOptional(),
}

const triggerHead = { name: name.exactOptional(), enabled: z.boolean().exactOptional() }
const taskHead = {
  id: guid,
  name,
  enabled: z.boolean().exactOptional(),
  taskSessionTimeout: z.int().min(1).max(35_000).exactOptional(),
  maxRetries: z.int().min(0).max(20).exactOptional(),
  runs: z.array(runScript).min(1).exactOptional(),
  triggers: z
    .array(
      z.union([
        z.strictObject({
          ...triggerHead,
          after: z.array(z.strictObject({ task: name, on: z.enum(['success', 'fail']).exactOptional() })).min(1),
        }),
        z.strictObject({
          ...triggerHead,
          startDate: z.iso.datetime({ offset: true }),
          every: z.enum(['once', 'hourly', 'daily', 'weekly', 'monthly']).exactOptional(),
          only: z
            .string()
            .refine((text) => readScheduleFilter(text, 0) !== undefined, 'not a filter: eight parts such as * * - 1,3 * * * *')
            .exactOptional(),
          timeZone: z.string().refine(isTimeZone, 'not a time zone: use a name such as Europe/Stockholm').exactOptional(),
          daylightSaving: z.enum(['observe', 'permanentStandardTime', 'permanentDaylightSavingTime']).exactOptional(),
        }),
      ]),
    )
    .exactOptional(),
  ...labels,
}

const siteSchema: z.ZodType<SiteSeed> = z
  .strictObject({
    nodeName: name.exactOptional(),
    users: z
      .array(z.strictObject({ directory: name, id: name, name: name.exactOptional(), inactive: z.boolean().exactOptional() }))
      .exactOptional(),
    streams: z.array(z.strictObject({ id: guid, name })).exactOptional(),
    tags: z.array(name).exactOptional(),
    customProperties: z
      .array(
        z.strictObject({
          id: guid,
          name: z.string().regex(/^\w+$/, 'not a name: letters, digits and _ only'),
          choiceValues: z.array(z.string()),
          objectTypes: z.array(name).exactOptional(),
          description: z.string().exactOptional(),
        }),
      )
      .exactOptional(),
    apps: z
      .array(
        z.strictObject({
          id: guid,
          name,
          stream: name.exactOptional(),
          description: z.string().exactOptional(),
          fileSize: z.int().nonnegative().exactOptional(),
          content: appContentSchema.exactOptional(),
          ...labels,
        }),
      )
      .exactOptional(),
    importFolder: z.record(z.string().min(1), appContentSchema).exactOptional(),
    reloadTasks: z.array(z.strictObject({ ...taskHead, app: name, scriptLog: z.array(z.string()).exactOptional() })).exactOptional(),
    externalProgramTasks: z
      .array(z.strictObject({ ...taskHead, path: z.string(), parameters: z.string().exactOptional() }))
      .exactOptional(),
    userSyncTasks: z.array(z.strictObject({ ...taskHead, userDirectory: name })).exactOptional(),
    virtualProxies: z
      .array(
        z.strictObject({
          prefix: z
            .string()
            .regex(/^[a-z0-9_-]*$/i, 'not a prefix: letters, digits, - and _ only')
            .exactOptional(),
          headerName: name.exactOptional(),
          userDirectory: name.exactOptional(),
          jwtKey: z.string().min(1).refine(isKey, 'not a public key').exactOptional(),
          sessionCookie: name.exactOptional(),
          sessionTimeout: z.number().positive().exactOptional(),
          csrf: z.boolean().exactOptional(),
          allowedOrigins: z.array(z.string()).exactOptional(),
        }),
      )
      .exactOptional(),
    maxConcurrentReloads: z.int().min(1).exactOptional(),
  })
  .superRefine((site, context) => {
    for (const { path, message } of strayReferences(site)) context.addIssue({ code: 'custom', path: [...path], message })
  })

/**
 * Checks the data of a site, from a file or from code: an unknown key, a wrong value and a name that leads nowhere are all told.
 *
 * @throws `SchemaError` `SCHEMA_MISMATCH` naming each issue by its path
 */
export function parseSite(value: unknown): SiteSeed {
  // The schema is synchronous, so `validate` is too.
  return validate(siteSchema, value, 'site') as SiteSeed
}

interface Issue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** The streams every site has, and their ids. @see Qlik Sense, well-known ids */
export const wellKnownStreams = [
  { id: 'aaec8d41-5201-43ab-809f-3063750dfafd', name: 'Everyone' },
  { id: 'a70ca8a5-1d59-4cc9-b5fa-6e207978dcaf', name: 'Monitoring apps' },
] as const

function* strayReferences(site: SiteSeed): Iterable<Issue> {
  const { streams = [], customProperties = [], apps = [], reloadTasks = [], externalProgramTasks = [], userSyncTasks = [] } = site
  yield* repeatedIds({ streams, customProperties, apps, reloadTasks, externalProgramTasks, userSyncTasks })
  for (const [index, app] of apps.entries()) {
    const path = ['apps', index]
    if (app.stream !== undefined) yield* onlyOne('stream', app.stream, [...wellKnownStreams, ...streams], [...path, 'stream'])
    yield* strayLabels(site, 'App', app, path)
  }
  for (const [index, { app }] of reloadTasks.entries()) yield* onlyOne('app', app, apps, ['reloadTasks', index, 'app'])
  yield* strayTasks(site, 'ReloadTask', 'reloadTasks', reloadTasks)
  yield* strayTasks(site, 'ExternalProgramTask', 'externalProgramTasks', externalProgramTasks)
  yield* strayTasks(site, 'UserSyncTask', 'userSyncTasks', userSyncTasks)
}

function* strayTasks(site: SiteSeed, type: string, list: string, tasks: readonly TaskSeed[]): Iterable<Issue> {
  for (const [index, task] of tasks.entries()) {
    yield* strayLabels(site, type, task, [list, index])
    yield* strayTriggers(site, task, [list, index])
  }
}

function* strayTriggers(site: SiteSeed, { triggers = [] }: TaskSeed, path: Issue['path']): Iterable<Issue> {
  const tasks = taskSeeds(site)
  for (const [index, trigger] of triggers.entries())
    for (const [at, { task: after }] of ('after' in trigger ? trigger.after : []).entries())
      yield* onlyOne('task', after, tasks, [...path, 'triggers', index, 'after', at, 'task'])
}

function* repeatedIds(lists: Readonly<Record<string, readonly { readonly id?: string }[]>>): Iterable<Issue> {
  const seen = new Set<string>(wellKnownStreams.map(({ id }) => id))
  for (const [list, entries] of Object.entries(lists))
    for (const [index, { id }] of entries.entries()) {
      if (id === undefined) continue
      if (seen.has(id.toLowerCase())) yield { path: [list, index, 'id'], message: 'taken already' }
      seen.add(id.toLowerCase())
    }
}

function* onlyOne(
  kind: string,
  wanted: string,
  among: readonly { readonly id?: string; readonly name: string }[],
  path: Issue['path'],
): Iterable<Issue> {
  const found = among.filter(({ id, name: called }) => called === wanted || id?.toLowerCase() === wanted.toLowerCase()).length
  if (found === 0) yield { path, message: `no ${kind} '${wanted}'` }
  if (found > 1) yield { path, message: `${found} of this name; give the ${kind}'s id` }
}

function* strayLabels(site: SiteSeed, type: string, { customProperties = {} }: Labels, path: Issue['path']): Iterable<Issue> {
  for (const [property, values] of Object.entries(customProperties)) {
    const at = [...path, 'customProperties', property]
    const definition = site.customProperties?.find((candidate) => candidate.name === property)
    if (definition === undefined) yield { path: at, message: 'no such custom property' }
    else if (definition.objectTypes?.includes(type) === false) yield { path: at, message: `not for the type ${type}` }
    else
      for (const value of values)
        if (!definition.choiceValues.includes(value)) yield { path: at, message: `'${value}' is not among its values` }
  }
}
