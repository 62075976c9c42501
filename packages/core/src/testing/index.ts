export { testButler, type PublishedMessage, type TestButler, type TestButlerOptions } from './test-butler.js'
export { recorder, type Recorder } from './recorder.js'
export { createVirtualClock, type VirtualClock, type VirtualClockOptions } from './virtual-clock.js'
