import { describe, expect, it } from 'vitest'
import { parseUserEvent, userEventSchema } from './user-event.js'

const message = String.raw`Start session for user 'LAB\anna' UserAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'`
const line = `/qseow-proxy-session/;QSRV1;Start session;LAB;anna;Hub;/hub/;${message}`

describe('parseUserEvent', () => {
  it('reads a line as Butler SOS receives it, with ; in the message', () => {
    const event = parseUserEvent(line)
    expect(event).toEqual({
      kind: 'user',
      action: 'session-start',
      host: 'QSRV1',
      directory: 'LAB',
      userId: 'anna',
      origin: 'Hub',
      context: '/hub/',
      message,
    })
    expect(userEventSchema.parse(event)).toEqual(event)
  })

  it.each([
    ['/qseow-proxy-session/', 'Start session', 'session-start'],
    ['/qseow-proxy-session/', 'Stop session', 'session-stop'],
    ['/qseow-proxy-connection/', 'Open connection', 'connection-open'],
    ['/qseow-proxy-connection/', 'Close connection', 'connection-close'],
    ['/proxy-session/', 'stop session', 'session-stop'],
    ['/proxy-connection//', 'Open connection', 'connection-open'],
  ])('takes %s, %s for %s', (type, command, action) => {
    const text = line.replace('/qseow-proxy-session/', type).replace('Start session;', `${command};`)
    expect(parseUserEvent(text)).toMatchObject({ kind: 'user', action, directory: 'LAB', userId: 'anna' })
  })

  it.each([
    ['nothing', '', /type/],
    ['another type', line.replace('proxy', 'engine'), /type/],
    ['too few fields', line.split(';').slice(0, 7).join(';'), /eight/],
    ['another command', line.replace('Start session;', 'Pause session;'), /command/],
    ['no user', line.replace(';anna;', ';;'), /no user/],
  ])('does not guess at %s, and keeps it whole', (_, text, reason) => {
    expect(parseUserEvent(text)).toEqual({ kind: 'unparsed', raw: text, reason: expect.stringMatching(reason) })
  })
})
