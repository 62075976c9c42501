/** How much a notification matters, from least to most. */
export type Severity = 'info' | 'warning' | 'error'

/** One thing to tell people or systems. Plain text everywhere: a notifier escapes it for its target. */
export interface Notification {
  /** One line that says it all. */
  readonly title: string
  /** @defaultValue 'info' */
  readonly severity?: Severity
  /** A few sentences. */
  readonly text?: string
  /** Short facts beside the text, name to value. */
  readonly fields?: Readonly<Record<string, string | number>>
  /** Longer verbatim text, such as the last lines of a script log. */
  readonly excerpt?: string
  /** Where to read on, label to URL. */
  readonly links?: Readonly<Record<string, string>>
}

/** Proof that a target took a notification. */
export interface Receipt {
  /** The notifier that delivered it. */
  readonly notifier: string
  /** The receipts of the targets behind a notifier that has several. */
  readonly receipts?: readonly Receipt[]
}

/** What may be given with one notification. */
export interface NotifyOptions {
  /** Gives up waiting; `notify` then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Tells somebody something: Slack, a webhook, an MQTT topic. Wrappers such as `fanOut` are notifiers too. */
export interface Notifier {
  readonly name: string
  /**
   * Resolves once the target has taken the notification.
   *
   * @throws a `ButlerError` that names the target and the cause, never a secret
   */
  notify(notification: Notification, options?: NotifyOptions): Promise<Receipt>
}
