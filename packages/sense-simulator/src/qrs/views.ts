import { isReference, type Reference, type TypeName, type View } from './entity-type.js'
import { model } from './model.js'

type Project = (entity: unknown) => unknown

const projections = new Map<string, Project>()

/** What QRS answers for one entity: the fields its view shows, references as their own views. Null stays null. */
export function toView(type: TypeName, view: View, entity: unknown): unknown {
  return projection(type, view)(entity)
}

function projection(type: TypeName, view: View): Project {
  const key = `${type} ${view}`
  let project = projections.get(key)
  if (project === undefined) {
    project = compile(type, view)
    projections.set(key, project)
  }
  return project
}

function compile(type: TypeName, view: View): Project {
  const { fields, condensed } = model[type]
  const names = view === 'full' ? Object.keys(fields) : condensed
  const columns = names.map((name) => {
    const field = fields[name]
    return { name, read: field !== undefined && isReference(field) ? (value: unknown) => follow(field, value) : undefined }
  })
  return (entity) => {
    if (entity === null || entity === undefined) return null
    const source = entity as Record<string, unknown>
    const shown: Record<string, unknown> = {}
    for (const { name, read } of columns) shown[name] = read ? read(source[name]) : source[name]
    return shown
  }
}

function follow({ type, view, many }: Reference, value: unknown): unknown {
  const project = projection(type, view)
  return many ? (value as unknown[]).map(project) : project(value)
}
