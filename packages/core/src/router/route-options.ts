/** How one route is run. Its steps have a fixed order; these options set them. */
export interface RouteOptions {
  /**
   * Longest run of the handler, in milliseconds, 1 to 2_147_483_647. After it the message's `signal` aborts, the route counts as failed and the
   * message is acknowledged: MQTT releases acknowledgements in order, so that one stuck handler would stop all others.
   *
   * @defaultValue 30_000
   */
  readonly timeoutMs?: number
  /**
   * What becomes of a message whose topic parameters or payload do not fit the contract. Either way it is reported (event `invalid`, log) and
   * acknowledged. `drop`: no more than that. `reply-error`: a requester is told too, with the issues.
   *
   * @defaultValue 'drop'
   */
  readonly invalid?: 'drop' | 'reply-error'
  /** Names of the transports this route listens to. @defaultValue all */
  readonly from?: string | readonly string[]
}

/** The values of options that were left out. */
export const routeDefaults = { timeoutMs: 30_000, invalid: 'drop' } as const satisfies RouteOptions
