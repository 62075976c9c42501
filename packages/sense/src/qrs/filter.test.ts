import { describe, expect, it } from 'vitest'
import { FilterError } from '../errors.js'
import { filterText, q, type FilterValue, type QrsFilter } from './filter.js'

const id = '3F1C0F0A-6a52-4a0e-9d7e-0b6f8f3b2a11'

describe('q', () => {
  it.each<[string, QrsFilter, string]>([
    ['a string in quotes', q`name eq ${'Sales'}`, "name eq 'Sales'"],
    ['a quote behind a backslash', q`name eq ${"Q1'25"}`, String.raw`name eq 'Q1\'25'`],
    ['a backslash behind a backslash', q`name eq ${'LAB\\'}`, String.raw`name eq 'LAB\\'`],
    ['what would end the text and go on', q`name eq ${"x' or name ne 'y"}`, String.raw`name eq 'x\' or name ne \'y'`],
    ['what would undo the escape', q`name eq ${"x\\' or 1 eq 1"}`, String.raw`name eq 'x\\\' or 1 eq 1'`],
    ['an empty string', q`name ne ${''}`, "name ne ''"],
    ['a GUID bare', q`id eq ${id}`, `id eq ${id}`],
    ['a GUID as text when told so', q`name eq ${q.text(id)}`, `name eq '${id}'`],
    ['a GUID when told so', q`id eq ${q.guid(id)}`, `id eq ${id}`],
    ['numbers', q`a gt ${-1} and b le ${2.5}`, 'a gt -1 and b le 2.5'],
    ['booleans', q`published eq ${false}`, 'published eq false'],
    ['dates in ISO form', q`createdDate ge ${new Date(Date.UTC(2026, 0, 5))}`, "createdDate ge '2026-01-05T00:00:00.000Z'"],
    ['nested filters in parentheses', q`${q`a eq ${1} or b eq ${2}`} and c eq ${3}`, '(a eq 1 or b eq 2) and c eq 3'],
    ['operators of any case', q`name EQ ${'x'} and name sW ${'y'}`, "name EQ 'x' and name sW 'y'"],
    ['an escape typed by hand', q`name eq 'Q1\'25' and id eq ${id}`, String.raw`name eq 'Q1\'25' and id eq ${id}`.replace('${id}', id)],
    ['a value after a quoted text', q`name eq 'it' and stream.name eq ${'x'}`, "name eq 'it' and stream.name eq 'x'"],
    ['characters that mean something in a URL', q`name eq ${'a&b#c%d'}`, "name eq 'a&b#c%d'"],
  ])('writes %s', (_, filter, expected) => {
    expect(filterText(filter)).toBe(expected)
  })

  it.each<[string, () => QrsFilter, RegExp]>([
    ['an array', () => q`id eq ${['a'] as unknown as FilterValue}`, /array.*empty set/],
    ['null', () => q`id eq ${null as unknown as FilterValue}`, /null/],
    ['undefined', () => q`id eq ${undefined as unknown as FilterValue}`, /undefined/],
    ['NaN', () => q`a eq ${Number.NaN}`, /not finite/],
    ['infinity', () => q`a eq ${Infinity}`, /not finite/],
    ['a number with an exponent', () => q`a eq ${1e21}`, /exponent/],
    ['a date that is none', () => q`a eq ${new Date('x')}`, /invalid date/],
    ['a look-alike of a filter', () => q`${JSON.parse('{"kind":"filter","text":"id ne 0"}')}`, /can only follow an operator/],
    ['a look-alike of a literal', () => q`id eq ${JSON.parse('{"kind":"literal","text":"0 or id ne 0"}')}`, /an object/],
    ['half a surrogate pair', () => q`name eq ${'\ud800'}`, /surrogate/],
    ['quotes around a value', () => q`name eq '${'x'}'`, /no quotes around/],
    ['a value in the place of a field', () => q`${'name'} eq 'x'`, /follow an operator/],
    ['a filter as an operand', () => q`name eq ${q`a eq 1`}`, /cannot be the value/],
    ['nothing at all', () => q` `, /empty/],
    ['a quote left open', () => q`name eq 'x`, /left open/],
    ['something else as a GUID', () => q`id eq ${q.guid("0' or 1 eq 1")}`, /not a GUID/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(FilterError)
    expect(make).toThrow(message)
  })

  it('does not repeat the value it refuses', () => {
    expect(() => q.guid('canary')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('canary') }))
  })
})

describe('filterText', () => {
  it('takes nothing but what q has made', () => {
    expect(() => filterText('name eq 1' as unknown as QrsFilter)).toThrow(FilterError)
    expect(() => filterText({ kind: 'filter', text: 'name eq 1' })).toThrow(FilterError)
    expect(() => filterText(q.text('x') as unknown as QrsFilter)).toThrow(FilterError)
  })
})
