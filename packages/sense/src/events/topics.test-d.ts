import { expectTypeOf } from 'vitest'
import type { TaskEvent } from './task-event.js'
import { taskFailed, userSessionStarted } from './topics.js'
import type { UserEvent } from './user-event.js'

expectTypeOf(taskFailed['~types'].params).toEqualTypeOf<{ readonly taskId: string }>()
expectTypeOf(taskFailed['~types'].payload).toEqualTypeOf<TaskEvent>()
expectTypeOf(taskFailed['~types'].input).toEqualTypeOf<TaskEvent>()
expectTypeOf(userSessionStarted['~types'].params).toEqualTypeOf<{ readonly directory: string; readonly userId: string }>()
expectTypeOf(userSessionStarted['~types'].payload).toEqualTypeOf<UserEvent>()
