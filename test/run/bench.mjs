import { build, install, run, start } from './bootstrap.mjs';

start(() => {
  install();
  build('extension', 'bench');
  run('test/bench.js');
});
