export { readConfig, type Config, type ConfigOptions, type Settings } from './read-config.js'
export { ConfigError, type ConfigIssue } from './config-error.js'
export { Secret, secret, type SecretSchema } from './secret.js'
