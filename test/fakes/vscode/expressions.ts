// How VS Code parses texts, from its own source (microsoft/vscode, MIT).

/** `LINK_REGEX` of src/vs/base/common/linkedText.ts: notices, progress, prompts and complaints of input boxes. */
export const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

/**
 * `labelWithIconsRegex` of src/vs/base/browser/ui/iconLabel/iconLabels.ts, with the expressions of
 * src/vs/base/common/themables.ts put in: rows, items of lists, the status bar.
 */
export const ICON = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;

/** Characters that are invisible or change how the rest is shown. Line breaks are handled elsewhere. */
export const UNSEEN = new RegExp(
  '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff' +
    '\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}]',
  'u',
);
