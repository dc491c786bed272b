import { build, install, run, start } from './bootstrap.mjs';

start(() => {
  install();
  build('simulator');
  run('test/simulator.js');
});
