import { build, install, run, start } from './bootstrap.mjs';

start(() => {
  install();
  build('run', 'simulator');
  run('run/start.js');
});
