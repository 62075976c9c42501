/** It has no types of its own. */
declare module 'qrs-interact'
