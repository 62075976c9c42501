import type { SiteSeed } from './site-seed.js'

/** What is on the site of the command line when no file is given. */
export const demoSite: SiteSeed = {
  streams: [{ name: 'Sales' }],
  tags: ['nightly', 'hourly'],
  customProperties: [{ name: 'Region', choiceValues: ['EMEA', 'APAC', 'AMER'] }],
  apps: [
    { name: 'Sales', stream: 'Sales', tags: ['nightly'], customProperties: { Region: ['EMEA', 'AMER'] } },
    { name: 'Stock', stream: 'Everyone' },
    { name: 'Budget draft' },
  ],
  reloadTasks: [
    {
      name: 'Reload Sales',
      app: 'Sales',
      tags: ['nightly'],
      customProperties: { Region: ['EMEA'] },
      runs: [['queued', '1s', 'started', '5s', 'success']],
    },
    { name: 'Reload Stock', app: 'Stock', tags: ['hourly'], runs: [['started', '3s', 'failed']] },
    { name: 'Reload Budget', app: 'Budget draft', runs: [['started', '2s', 'retry', 'started', '3s', 'success']] },
    { name: 'Reload Budget (off)', app: 'Budget draft', enabled: false },
  ],
}
