import { openPage, sessionPage, type PageShell } from '../../../src/page/sessionPage';

export const page = (overrides: Partial<PageShell> = {}) =>
  sessionPage({
    title: 'A10G on Workhorse',
    nonce: 'abc123',
    sessionId: 'one',
    scope: '811c9dc5',
    state: openPage(),
    url: undefined,
    ...overrides,
  });

export const decoded = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
export const policyOf = (html: string) => decoded(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '');
