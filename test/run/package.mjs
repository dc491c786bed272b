import { build, install, run, start } from './bootstrap.mjs';

await start(async () => {
  await install();
  build('run');
  run('run/package.js');
});
