import { expectTypeOf } from 'vitest'
import type { RunResult } from './result.js'

declare const result: RunResult

expectTypeOf(result.status).toEqualTypeOf<'success' | 'failed' | 'aborted' | 'skipped'>()
if (result.status === 'aborted') expectTypeOf(result.reason).toEqualTypeOf<'manual' | 'timeout' | 'task-deleted' | undefined>()
// @ts-expect-error -- only a run that was aborted has a reason
if (result.status === 'success') void result.reason
