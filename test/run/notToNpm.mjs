// `npm publish` runs this first: `private` would keep it away, too, but also says what is not so.
process.stderr.write(
  'This is an extension of VS Code and no npm package: docs/CONTRIBUTING.md says how it is released.\n',
);
process.exitCode = 1;
