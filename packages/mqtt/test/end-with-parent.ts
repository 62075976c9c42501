// Imported into every child process of the tests: ends it when whoever started it is gone, however that came about.
process.stdin.on('end', () => process.exit()).resume()
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref()
