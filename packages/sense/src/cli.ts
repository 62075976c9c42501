#!/usr/bin/env node
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '@butlerkit/core'
import { certificate } from './auth/certificate.js'
import { recordSite, type RecordedAnswer } from './record/record.js'

const usage = `Asks a Qlik Sense site what is not documented, and writes down the answers without names, ids and hosts. It only reads.

Usage: sense record --host HOST --cert DIR [options]

  --host HOST         the central node
  --cert DIR          folder with client.pem, client_key.pem and root.pem
  --user DIR\\USER     whom to act as (default INTERNAL\\sa_api)
  --qrs-port PORT     port of the repository service (default 4242)
  --engine-port PORT  port of the engine (default 4747)
  --out FILE          where to write to (default sense-recording.json)
  --help              show this
`

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`sense: ${messageOf(error)}`)
  process.exitCode = 1
})

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      host: { type: 'string' },
      cert: { type: 'string' },
      user: { type: 'string', default: String.raw`INTERNAL\sa_api` },
      'qrs-port': { type: 'string', default: '4242' },
      'engine-port': { type: 'string', default: '4747' },
      out: { type: 'string', default: 'sense-recording.json' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const { host, cert, user, out } = values
  if (positionals.join(' ') !== 'record') throw new Error('the only command is record; see --help')
  if (host === undefined || cert === undefined) throw new Error('--host and --cert are needed; see --help')
  const ports = { qrsPort: toPort(values['qrs-port'], '--qrs-port'), enginePort: toPort(values['engine-port'], '--engine-port') }
  const answers = await recordSite({ host, auth: certificate({ dir: cert }), user, ...ports })
  const text = `${JSON.stringify({ recorder: 1, answers }, null, 2)}\n`
  await writeFile(out, text)
  process.stdout.write(summary(answers, out, text.length))
}

function toPort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new Error(`${option} takes a port, 1 to 65535`)
  return port
}

function summary(answers: readonly RecordedAnswer[], file: string, characters: number): string {
  const lines = answers.map(({ status, failure, about, request }) => `  ${status ?? failure}  ${about}: ${request}`)
  return [
    ...lines,
    `Wrote ${answers.length} answers, ${characters} characters, to ${file}.`,
    'Names, ids and hosts were replaced; dates, numbers and versions are as they were. Please read it before you share it.',
    '',
  ].join('\n')
}
