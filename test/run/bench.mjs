import { build, install, run, start } from './bootstrap.mjs';

await start(async () => {
  await install();
  build('bench', 'benchInNode', 'benchHost');
  run('test/bench.js');
});
