import { Refusal } from '../../http/answer.js'

/** One piece of a filter expression. */
export type Token =
  | { readonly kind: 'open' | 'close' | 'end' }
  | { readonly kind: 'word'; readonly text: string }
  /** What stood between single quotes, its escapes undone. */
  | { readonly kind: 'text'; readonly text: string }

const blank = /\s+/y
const word = /[@\p{L}\p{N}_.+:-]+/uy
const quoted = /'((?:[^'\\]|\\.)*)'/suy

/**
 * Cuts a filter into its pieces. Text stands in single quotes, in which a backslash takes the next character as it is; a quote is not
 * escaped by doubling it, and double quotes mean nothing (tried on a live site).
 *
 * @throws {@link Refusal} 400 for a character that is part of nothing, or a quote left open
 */
export function tokenize(expression: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(expression)
    if (found) at = pattern.lastIndex
    return found
  }

  while (at < expression.length) {
    if (take(blank)) continue
    const bare = take(word)
    if (bare) {
      tokens.push({ kind: 'word', text: bare[0] })
      continue
    }
    const text = take(quoted)
    if (text) {
      tokens.push({ kind: 'text', text: (text[1] ?? '').replaceAll(/\\(.)/gsu, '$1') })
      continue
    }
    const character = expression.charAt(at)
    if (character !== '(' && character !== ')') throw cannotParse(expression)
    tokens.push({ kind: character === '(' ? 'open' : 'close' })
    at += 1
  }
  tokens.push({ kind: 'end' })
  return tokens
}

/** The answer to an expression that is not in the grammar. */
export function cannotParse(expression: string): Refusal {
  return new Refusal(400, `Cannot parse the expression: ${expression}`)
}

/** The answer to an expression that is in the grammar, and yet means nothing. */
export function invalidExpression(): Refusal {
  return new Refusal(400, 'Invalid expression')
}
