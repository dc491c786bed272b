import { build, install, run, start } from './bootstrap.mjs';

await start(async () => {
  await install();
  build('simulator');
  run('test/simulator.js');
});
