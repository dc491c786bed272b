// Files that are bundled as their text: `import page from './index.html' with { type: 'text' }`.
declare module '*.html' {
  const text: string;
  export { text as default };
}
declare module '*.css' {
  const text: string;
  export { text as default };
}
declare module '*.mjs' {
  const text: string;
  export { text as default };
}
