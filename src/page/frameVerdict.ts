/** What the headers of a page say about showing it in our frame. */
export type FrameVerdict =
  | { readonly kind: 'shows' | 'refuses' | 'leadsElsewhere' | 'unreachable' | 'silent' }
  | { readonly kind: 'fails'; readonly status: number };

/** What contains the frame: the desktop's own schemes, or a web page whose address the extension does not know. */
export type Embedder = 'desktop' | 'web';

/** A server that does not support HEAD has sent its headers anyway. */
const KNOWS_NO_HEAD = [405, 501];
/** Every window around a frame must be allowed, including the outermost. */
const DESKTOP_ANCESTORS = ['vscode-webview', 'vscode-file'];

/**
 * Judges by the headers: a browser hides why a frame stays empty, and fires `load` for its own error page too. Errors
 * come first: gateways send theirs with `X-Frame-Options`, which says nothing about the page behind them.
 */
export function frameVerdict(headers: Pick<Headers, 'get'>, status: number, embedder: Embedder): FrameVerdict {
  if (status >= 400 && !KNOWS_NO_HEAD.includes(status)) return { kind: 'fails', status };
  const lists = ancestorLists(headers.get('content-security-policy') ?? '');
  const isRefused =
    lists.length > 0
      ? !lists.every((list) => isAllowed(list, embedder))
      : isRefusedByOption(headers.get('x-frame-options'));
  return { kind: isRefused ? 'refuses' : 'shows' };
}

/** The `frame-ancestors` of each policy that has it; if any has, browsers ignore `X-Frame-Options`. */
function ancestorLists(policies: string): readonly (readonly string[])[] {
  return policies
    .toLowerCase()
    .split(',')
    .map((policy) => policy.split(';').map((directive) => directive.trim().split(/\s+/)))
    .map((directives) => directives.find(([name]) => name === 'frame-ancestors'))
    .filter((list) => list !== undefined);
}

function isAllowed(sources: readonly string[], embedder: Embedder): boolean {
  if (embedder === 'web') return sources.some((source) => /^(\*|https?:)$/.test(source));
  return DESKTOP_ANCESTORS.every((scheme) =>
    sources.some((source) => source === `${scheme}:` || source.startsWith(`${scheme}://`)),
  );
}

/** Browsers ignore values that they do not know, such as `ALLOW-FROM`. */
function isRefusedByOption(value: string | null): boolean {
  const options = (value ?? '').toLowerCase().split(',');
  return options.some((option) => ['deny', 'sameorigin'].includes(option.trim()));
}
