import { cannotParse, invalidExpression, tokenize, type Token } from './tokens.js'

const operators = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sw', 'ew', 'so'] as const

/** Equal, not equal, greater than, …, starts with, ends with, substring of. */
export type Operator = (typeof operators)[number]

/** What a property is compared with: quoted text, or a bare word (number, `true`, GUID, name of an enumeration's value). */
export interface Literal {
  readonly quoted: boolean
  readonly text: string
}

/** A filter as a tree. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'comparison'; readonly path: readonly string[]; readonly operator: Operator; readonly literal: Literal }

const maxDepth = 100

/**
 * Reads a filter: `expr := term (("and"|"or") term)*`, `term := "(" expr ")" | path op value`. `and` binds tighter than `or`, a guess:
 * the documentation does not tell, and careful clients put parentheses.
 *
 * @throws {@link Refusal} 400 with the texts of a live site
 */
export function parseFilter(expression: string): Expression {
  const tokens = tokenize(expression)
  let at = 0
  const peek = (): Token => tokens[at] ?? { kind: 'end' }
  const isWord = (text: string): boolean => {
    const token = peek()
    return token.kind === 'word' && token.text === text
  }

  const tree = chain('or', 0)
  if (peek().kind !== 'end') throw cannotParse(expression)
  return tree

  function chain(kind: 'and' | 'or', depth: number): Expression {
    const operand = () => (kind === 'or' ? chain('and', depth) : term(depth))
    let left = operand()
    while (isWord(kind)) {
      at += 1
      left = { kind, left, right: operand() }
    }
    return left
  }

  function term(depth: number): Expression {
    if (peek().kind !== 'open') return comparison()
    if (depth === maxDepth) throw cannotParse(expression)
    at += 1
    if (peek().kind === 'close') throw invalidExpression()
    const inner = chain('or', depth + 1)
    if (peek().kind !== 'close') throw cannotParse(expression)
    at += 1
    return inner
  }

  function comparison(): Expression {
    const [path, operator, value] = tokens.slice(at, at + 3)
    if (path?.kind !== 'word' || operator?.kind !== 'word' || !isOperator(operator.text)) throw cannotParse(expression)
    if (value?.kind !== 'word' && value?.kind !== 'text') throw cannotParse(expression)
    at += 3
    const literal = { quoted: value.kind === 'text', text: value.text }
    return { kind: 'comparison', path: path.text.split('.'), operator: operator.text, literal }
  }
}

function isOperator(text: string): text is Operator {
  return operators.some((operator) => operator === text)
}
