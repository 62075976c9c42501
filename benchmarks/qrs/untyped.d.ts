// What we use of a package that comes without types.

declare module 'qrs-interact' {
  export default class QrsInteract {
    constructor(options: Readonly<Record<string, unknown>>)
    Get(path: string): Promise<{ readonly body: unknown[] }>
  }
}
