/** Takes names, ids and hosts out of what a site answered, and leaves its form. */
export interface Redactor {
  /** A JSON value: keys, numbers, booleans and dates stay; every other text becomes a stand-in, the same for the same text. */
  value(value: unknown): unknown
  /** An answer's plain text: its words stay, without GUIDs, addresses, quoted parts and what was given. */
  text(text: string): string
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const emptyGuid = '00000000-0000-0000-0000-000000000000'
const date = /^\d{4}-\d\d-\d\dT[\d:.]+Z?$|^\d{8}T[\d.]+[+-]\d{4}$/
/** Fields whose text is Sense's own. */
const ownWords = new Set([
  'schemaPath',
  'buildVersion',
  'buildDate',
  'databaseProvider',
  'valueType',
  'savedInProductVersion',
  'version',
  'started',
  'timeZone',
  'schemaFilterDescription',
  'incrementDescription',
])
/** What the scheduler notes, as far as it names nobody. */
const ownMessage = /^(?:Changing task state (?:from \w+ )?to \w+|Reference to scriptlog added|Max retries reached)\.?$/

/** Makes a {@link Redactor}. @param secrets - what must not be in a text either: the host's name, the user's */
export function createRedactor(secrets: readonly string[]): Redactor {
  const standIns = new Map<string, string>()
  const standIn = (text: string, kind: string): string => {
    const known = standIns.get(text)
    if (known !== undefined) return known
    const made = `${kind}-${standIns.size + 1}`
    standIns.set(text, made)
    return made
  }
  const onGuid = (found: string) => (found === emptyGuid ? found : standIn(found.toLowerCase(), 'id'))

  return {
    value: (value) => redact(value, undefined),
    text(text) {
      let clean = text
        .slice(0, 2_000)
        .replace(guid, onGuid)
        .replace(/'[^']*'|"[^"]*"/g, (quoted) => `${quoted[0]}…${quoted[0]}`)
        .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b|[\w.+-]+@[\w.-]+|\\\\[^\s]+|\b(?:https?|wss?):\/\/\S+/g, '…')
      for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(new RegExp(escape(secret), 'gi'), '…')
      return clean
    },
  }

  function redact(value: unknown, key: string | undefined): unknown {
    if (Array.isArray(value)) return value.map((each) => redact(each, key))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [safeKey(name), redact(each, name)]))
    }
    if (typeof value !== 'string' || value === '') return value
    if (key !== undefined && ownWords.has(key)) return value
    if (date.test(value) || ownMessage.test(value)) return value
    return new RegExp(`^(?:${guid.source})$`, 'i').test(value) ? onGuid(value) : standIn(value, `text${value.length}`)
  }

  /** Keys are Sense's own, unless a user's data made them. */
  function safeKey(name: string): string {
    return /^[A-Za-z_]\w{0,60}$/.test(name) ? name : standIn(name, 'key')
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
