// What we use of packages that come without types.

declare module 'qlobber' {
  export class Qlobber {
    constructor(options: Readonly<Record<string, unknown>>)
    add(topic: string, value: number): this
    remove(topic: string, value: number): this
    match(topic: string): number[]
  }
}

declare module 'mqtt-emitter' {
  export default class MQTTEmitter {
    on(topic: string, listener: (payload: number[]) => void): this
    removeListener(topic: string, listener: (payload: number[]) => void): this
    emit(topic: string, payload: number[]): boolean
  }
}
