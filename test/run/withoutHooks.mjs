// Read before the tests (`node --import`). Node's test runner hooks into every promise, so as to know which test an
// error belongs to that nobody caught. That is a third of the time of tests that are made of promises; our reporter
// tells which tests ran when there was such an error.
import asyncHooks from 'node:async_hooks';

const { createHook } = asyncHooks;
asyncHooks.createHook = function silent() {
  return { enable: silent, disable: silent };
};
await import('node:test');
asyncHooks.createHook = createHook;
