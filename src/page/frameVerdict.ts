/** What the head of a page's answer says about showing it in a frame of ours. */
export type FrameVerdict =
  | { readonly kind: 'shows' | 'refuses' | 'leadsElsewhere' | 'unreachable' | 'silent' }
  | { readonly kind: 'fails'; readonly status: number };

/** What a frame stands in: the desktop's own schemes, or a web page whose address the extension does not know. */
export type Embedder = 'desktop' | 'web';

/** A server that knows no HEAD has still sent its headers. */
const KNOWS_NO_HEAD = [405, 501];
/** Every window around a frame must be allowed, also the outermost. */
const DESKTOP_ANCESTORS = ['vscode-webview', 'vscode-file'];

/**
 * A browser hides from us why a frame stays empty, and fires `load` for its own error page too: only the headers tell.
 * An error comes first: gateways send theirs with `X-Frame-Options`, which says nothing about the page behind.
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

/** `frame-ancestors` of each policy that has it; where there is one, browsers ignore `X-Frame-Options`. */
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

/** What browsers do not know, such as `ALLOW-FROM`, they ignore. */
function isRefusedByOption(value: string | null): boolean {
  const options = (value ?? '').toLowerCase().split(',');
  return options.some((option) => ['deny', 'sameorigin'].includes(option.trim()));
}
