import { DiagnosticSeverity, Parser, type AsyncAPIDocumentInterface } from '@asyncapi/parser'
import type { AsyncApiDocument } from '../src/asyncapi/index.js'

/** What AsyncAPI's official parser makes of a document: its model, and the errors and warnings it found. */
export interface ParsedDocument {
  readonly model: AsyncAPIDocumentInterface | undefined
  readonly problems: readonly string[]
}

export async function parseDocument(document: AsyncApiDocument): Promise<ParsedDocument> {
  const { document: model, diagnostics } = await new Parser().parse(JSON.stringify(document))
  return {
    model,
    problems: diagnostics.filter(({ severity }) => counted.includes(severity)).map(({ path, message }) => `${path.join('.')}: ${message}`),
  }
}

// Not those of mere information: that there is an AsyncAPI 3.1.
const counted: readonly number[] = [DiagnosticSeverity.Error, DiagnosticSeverity.Warning]
