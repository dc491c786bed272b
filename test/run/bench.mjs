import { build, install, run, start } from './bootstrap.mjs';

start(() => {
  install();
  build('bench', 'benchInNode', 'benchHost');
  run('test/bench.js');
});
