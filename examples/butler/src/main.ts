import { silent } from '@butlerkit/core'
import { startApp, type App } from './app.js'
import { classicStart } from './contracts.js'
import { readSettings, type Settings } from './settings.js'
import { runTour } from './tour.js'

const print = (line: string) => console.log(line)
const showSlack = (message: string) => print(message.replaceAll(/^/gm, '     Slack │ '))

try {
  const settings = readSettings(process.env)
  if (settings.sense) await serve(settings)
  else await takeTour(settings)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function takeTour(settings: Settings): Promise<void> {
  print('Butlerkit: an MQTT broker, a Qlik Sense site and Slack, all on this machine, and a Butler between them.\n')
  const app = await startApp(settings, silent, showSlack)
  try {
    await app.butler.start()
    // Without BUTLER_SENSE_HOST there is a simulated site.
    const good = await runTour({ ...app, site: app.site! }, print)
    print(good ? '\nEvery step went as it should.' : '\nA step failed.')
    if (!good) process.exitCode = 1
  } finally {
    await app.butler.stop()
    await app.close()
  }
  if (process.stdin.isTTY && process.stdout.isTTY) await serve(settings)
}

/** Runs until Ctrl-C or SIGTERM, which drain it. */
async function serve(settings: Settings): Promise<void> {
  const app = await startApp(settings, settings.sense ? console : silent, showSlack)
  const stopped = new Promise<void>((resolve) => app.butler.events.once('stopped', resolve))
  // On a terminal npm tells of Ctrl-C a second time: to be heard, and not to end the process.
  const stop = () => void app.butler.stop()
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    await app.butler.start()
    print(whatToTry(app))
    await stopped
  } finally {
    await app.butler.stop()
    await app.close()
  }
}

function whatToTry({ mqttUrl, httpUrl, apiKey, site }: App): string {
  const { hostname, port } = new URL(mqttUrl)
  const broker = `-h ${hostname}${port && ` -p ${port}`}`
  const tasks = site?.tasks().map(({ id, name, tags }) => `  ${id}  ${name}${tags.length === 0 ? ' (not on the allow-list)' : ''}`) ?? []
  return [
    '\nThe Butler is up. Ctrl-C drains it.\n',
    ...(tasks.length > 0 ? ['Tasks:', ...tasks, ''] : []),
    'Try from another terminal:',
    `  mosquitto_sub ${broker} -v -t 'qliksense/#' -t 'butler/#'`,
    `  mosquitto_pub ${broker} -q 1 -t ${classicStart.pattern} -m TASK_ID`,
    `  mosquitto_pub ${broker} -q 1 -t qliksense/lab/start_task/TASK_ID -m '{"$replyTo":"my/answers"}'   (the answer comes on my/answers)`,
    `  curl -H 'Authorization: Bearer ${apiKey}' '${httpUrl}/senseListApps'`,
    `  curl -H 'Authorization: Bearer ${apiKey}' '${httpUrl}/senseStartTask?taskId=TASK_ID'`,
    `  curl ${httpUrl}/readyz`,
  ].join('\n')
}
