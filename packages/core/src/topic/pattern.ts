import { ButlerError } from '../errors.js'

type Fault<Message extends string> = `✗ ${Message}`

// One tail-recursive walk over the levels gives the names and the first fault. `Names` is a union of `+name` and `#name`.
type Walk<P extends string, Names = ''> = P extends `${infer Level}/${infer Rest}`
  ? WalkLevel<Level, Names> extends infer N
    ? [N] extends [Fault<string>]
      ? N
      : Walk<Rest, N>
    : never
  : WalkLastLevel<P, Names>

type WalkLevel<L extends string, Names> = L extends `${infer Before}+${infer Name}`
  ? Before extends ''
    ? Name extends `${string}${'+' | '#'}${string}`
      ? Fault<`"${L}": one wildcard per level`>
      : Name extends ''
        ? Names
        : `+${Name}` | `#${Name}` extends infer Both
          ? [Extract<Names, Both>] extends [never]
            ? Names | L
            : Fault<`parameter "${Name}" is used twice`>
          : never
    : Fault<`"${L}": a wildcard must fill the whole level`>
  : L extends `${string}#${string}`
    ? Fault<`"${L}": "#" must be the last level and fill it`>
    : L extends `:${infer Name}`
      ? Fault<`":${Name}" is a literal level in MQTT. Write "+${Name}" to capture it`>
      : Names

type WalkLastLevel<L extends string, Names> = L extends `#${infer Name}`
  ? Name extends ''
    ? Names
    : Name extends `${string}${'+' | '#'}${string}`
      ? Fault<`"${L}": one wildcard per level`>
      : [Extract<Names, `+${Name}`>] extends [never]
        ? Names | L
        : Fault<`parameter "${Name}" is used twice`>
  : WalkLevel<L, Names>

/**
 * The pattern itself where it is a legal topic pattern; else a literal that starts with ✗ and says what is wrong, so that the compiler's
 * message is ours. A pattern only known as `string` passes and is checked at run time.
 */
export type ValidPattern<P extends string> = string extends P
  ? P
  : P extends ''
    ? Fault<'a topic pattern cannot be empty'>
    : Walk<P> extends infer Result
      ? [Result] extends [Fault<string>]
        ? Result
        : P
      : never

/** The names of a pattern's wildcards, as a union. */
export type ParamNames<P extends string> = string extends P ? string : NameOf<Walk<P>>
type NameOf<Wildcards> = Wildcards extends `${'+' | '#'}${infer Name}` ? Name : never

/** What a pattern captures: `+name` one level as a string, `#name` the remaining levels as an array. */
export type TopicParams<P extends string> = string extends P
  ? { readonly [name: string]: string | readonly string[] }
  : { readonly [K in Walk<P> as NameOf<K>]: K extends `#${string}` ? readonly string[] : string }

/** A topic pattern, topic name or topic parameter that MQTT does not allow. */
export class TopicError extends ButlerError<'TOPIC_INVALID' | 'TOPIC_PARAM_INVALID'> {
  override readonly name = 'TopicError'
}

/** One level of a pattern. */
export type PatternLevel =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' | 'rest'; /** Empty for a bare `+` or `#`. */ readonly name: string }

/**
 * Reads a topic pattern: a topic filter whose wildcards may carry a name, `+site` or `#rest`. No legal topic filter holds `+x` or `#x`, so
 * patterns are a superset of filters and nothing needs escaping.
 *
 * @throws {@link TopicError} `TOPIC_INVALID` naming the level
 * @see MQTT 5.0, section 4.7.1
 */
export function parsePattern(pattern: string): readonly PatternLevel[] {
  if (pattern === '') throw new TopicError('TOPIC_INVALID', 'a topic pattern cannot be empty')
  if (pattern.includes('\0')) throw new TopicError('TOPIC_INVALID', 'a topic pattern cannot hold NUL')
  const texts = pattern.split('/')
  const names = new Set<string>()
  return texts.map((text, index) => {
    const level = parseLevel(text, index === texts.length - 1)
    if (level.kind !== 'literal' && level.name !== '') {
      if (names.has(level.name)) throw new TopicError('TOPIC_INVALID', `"${pattern}": parameter "${level.name}" is used twice`)
      names.add(level.name)
    }
    return level
  })

  function parseLevel(text: string, last: boolean): PatternLevel {
    if (!/[+#]/.test(text)) return { kind: 'literal', text }
    const name = text.slice(1)
    if (text.indexOf('#') > 0 || (text.startsWith('#') && !last)) {
      throw new TopicError('TOPIC_INVALID', `"${pattern}": "#" must be the last level and fill it, not "${text}"`)
    }
    if (text.indexOf('+') > 0 && !text.startsWith('#')) {
      throw new TopicError('TOPIC_INVALID', `"${pattern}": a wildcard must fill the whole level, not "${text}"`)
    }
    if (/[+#]/.test(name)) throw new TopicError('TOPIC_INVALID', `"${pattern}": one wildcard per level, not "${text}"`)
    return { kind: text.startsWith('+') ? 'one' : 'rest', name }
  }
}

/** The topic filter to subscribe to: the pattern without its names. */
export function toFilter(levels: readonly PatternLevel[]): string {
  return levels.map((level) => (level.kind === 'literal' ? level.text : level.kind === 'one' ? '+' : '#')).join('/')
}

/** Raw captures of a topic name; a null-prototype object, as the names come from a contract and the values from anyone. */
export type RawParams = Readonly<Record<string, string | readonly string[]>>

/** Without a prototype, so that no name is taken, and yet of one shape, as `Object.create(null)` would not be. */
const Captures = function () {} as unknown as new () => Record<string, string | readonly string[]>
Captures.prototype = Object.create(null)

/** Captures a topic name's levels, or `undefined` where the pattern does not match it. */
export function matchPattern(levels: readonly PatternLevel[], topicName: string): RawParams | undefined {
  // A leading wildcard must not catch $SYS: MQTT 5.0, section 4.7.2.
  if (topicName.startsWith('$') && levels[0]?.kind !== 'literal') return undefined
  const params = new Captures()
  let start = 0
  for (const level of levels) {
    if (level.kind === 'rest') {
      if (level.name !== '') params[level.name] = start > topicName.length ? [] : topicName.slice(start).split('/')
      return params
    }
    if (start > topicName.length) return undefined
    const slash = topicName.indexOf('/', start)
    const end = slash === -1 ? topicName.length : slash
    if (level.kind === 'literal') {
      if (end - start !== level.text.length || !topicName.startsWith(level.text, start)) return undefined
    } else if (level.name !== '') params[level.name] = topicName.slice(start, end)
    start = end + 1
  }
  return start > topicName.length ? params : undefined
}

/**
 * Fills a pattern's parameters and gives a topic name to publish to.
 *
 * @throws {@link TopicError} `TOPIC_PARAM_INVALID` for a missing value, one that holds `/`, `+`, `#` or NUL, or a bare wildcard
 */
export function fillPattern(pattern: string, levels: readonly PatternLevel[], params: Readonly<Record<string, unknown>>): string {
  let topicName: string | undefined
  for (const level of levels) {
    if (level.kind === 'literal') append(level.text)
    else if (level.name === '')
      throw new TopicError('TOPIC_PARAM_INVALID', `"${pattern}" has a wildcard without a name: nothing can fill it`)
    else if (level.kind === 'one') append(toLevel(params[level.name], level.name))
    else appendAll(params[level.name], level.name)
  }
  return topicName ?? ''

  function append(level: string): void {
    topicName = topicName === undefined ? level : `${topicName}/${level}`
  }

  function appendAll(value: unknown, name: string): void {
    if (!Array.isArray(value)) throw new TopicError('TOPIC_PARAM_INVALID', `"${pattern}": parameter "${name}" must be an array of levels`)
    for (const item of value) append(toLevel(item, name))
  }

  function toLevel(value: unknown, name: string): string {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') {
      throw new TopicError(
        'TOPIC_PARAM_INVALID',
        `"${pattern}": parameter "${name}" is ${value === undefined ? 'missing' : 'not a string'}`,
      )
    }
    const text = String(value)
    // oxlint-disable-next-line no-control-regex -- NUL is what must not be there: MQTT 5.0, section 1.5.4
    const illegal = /[/+#\u0000]/.exec(text)
    if (illegal) throw new TopicError('TOPIC_PARAM_INVALID', `"${pattern}": parameter "${name}" holds ${JSON.stringify(illegal[0])}`)
    return text
  }
}
