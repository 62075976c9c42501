import type { SiteSeed } from './site-seed.js'

/** What is on the site of the command line when no file is given. */
export const demoSite: SiteSeed = {
  streams: [{ name: 'Sales' }],
  tags: ['nightly', 'hourly'],
  customProperties: [{ name: 'Region', choiceValues: ['EMEA', 'APAC', 'AMER'] }],
  apps: [
    {
      name: 'Sales',
      stream: 'Sales',
      tags: ['nightly'],
      customProperties: { Region: ['EMEA', 'AMER'] },
      content: {
        script: 'Sales:\nLOAD Region, Amount FROM [lib://Data/sales.qvd] (qvd);\n',
        tables: [
          {
            name: 'Sales',
            fields: ['Region', 'Amount'],
            rows: [
              ['EMEA', 120],
              ['APAC', 80],
              ['AMER', 200],
            ],
          },
        ],
        sheets: [{ title: 'Overview', objects: [{ type: 'barchart', title: 'Amount by region' }] }],
        dimensions: [{ title: 'Region', fields: ['Region'] }],
        measures: [{ title: 'Amount', expression: 'Sum(Amount)' }],
        connections: [{ name: 'Data', type: 'folder', connectionString: 'D:\\Data' }],
      },
    },
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
    { name: 'Reload after Sales', app: 'Stock', triggers: [{ after: [{ task: 'Reload Sales' }] }] },
    { name: 'Reload Budget (off)', app: 'Budget draft', enabled: false },
  ],
  externalProgramTasks: [{ name: 'Copy files', path: 'C:\\Scripts\\copy.cmd' }],
  virtualProxies: [{}, { prefix: 'header', headerName: 'hdr-usr' }, { prefix: 'jwt', jwtKey: 'a secret for demonstrations only' }],
}
