import { build, install, run, start } from './bootstrap.mjs';

start(() => {
  install();
  build('run');
  run('run/test.js');
}, '0 passed, 1 failed');
