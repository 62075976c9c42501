import { never, nullDate } from '../store/wire-values.js'
import type { TypeName } from './entity-type.js'

/** What may be written of a type, and what becomes of the rest. */
export interface WritableType {
  /** Whether `POST` makes one. */
  readonly create: boolean
  /** Fields a new one cannot be without, and that cannot be emptied. */
  readonly required: readonly string[]
  /** Fields that can be written, and what they become when a body leaves them out. */
  readonly defaults: Readonly<Record<string, unknown>>
}

const labels = { tags: [], customProperties: [] }
const task = { name: '', enabled: true, taskSessionTimeout: 1_440, maxRetries: 0, ...labels }
const targets = { reloadTask: null, externalProgramTask: null, userSyncTask: null }

/**
 * The types that can be written. Fields not named here (`operational`, `published`, `fileSize`, …) are the site's own: bodies may hold them,
 * and they stay as they are.
 */
export const writableTypes: Partial<Readonly<Record<TypeName, WritableType>>> = {
  App: {
    create: false,
    required: ['name'],
    defaults: { name: '', description: '', thumbnail: '', dynamicColor: '', owner: undefined, ...labels },
  },
  Stream: { create: true, required: ['name'], defaults: { name: '', owner: undefined, ...labels } },
  Tag: { create: true, required: ['name'], defaults: { name: '' } },
  CustomPropertyDefinition: {
    create: true,
    required: ['name'],
    defaults: { name: '', valueType: 'Text', choiceValues: [], objectTypes: [], description: '' },
  },
  User: {
    create: true,
    required: ['userId', 'userDirectory'],
    defaults: { userId: '', userDirectory: '', name: '', roles: [], inactive: false, ...labels },
  },
  ReloadTask: {
    create: true,
    required: ['name', 'app'],
    defaults: { ...task, app: null, isManuallyTriggered: false, isPartialReload: false },
  },
  ExternalProgramTask: { create: true, required: ['name', 'path'], defaults: { ...task, path: '', parameters: '', qlikUser: null } },
  UserSyncTask: { create: true, required: ['name', 'userDirectory'], defaults: { ...task, userDirectory: null } },
  SchemaEvent: {
    create: true,
    required: ['name'],
    defaults: {
      name: '',
      enabled: true,
      ...targets,
      timeZone: 'UTC',
      daylightSavingTime: 0,
      startDate: nullDate,
      expirationDate: never,
      schemaFilterDescription: ['* * - * * * * *'],
      incrementDescription: '0 0 0 0',
      incrementOption: 0,
    },
  },
  CompositeEvent: {
    create: true,
    required: ['name'],
    defaults: { name: '', enabled: true, ...targets, timeConstraint: { days: 0, hours: 0, minutes: 0, seconds: 0 }, compositeRules: [] },
  },
}
