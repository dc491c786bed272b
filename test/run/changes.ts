/** What users notice, in this order; other types of commits are nothing to them. */
const TITLES: Readonly<Record<string, string>> = { feat: 'New', perf: 'Faster', fix: 'Fixed' };

const BREAKING = 'Changed';

export interface Changes {
  /** Markdown: a title and a list for each kind of change. */
  readonly text: string;
  /** First lines of commits that follow no convention and so are not listed. */
  readonly leftOut: readonly string[];
}

/** What a changelog says of commits, which follow Conventional Commits. @param messages whole, the newest first */
export async function changesIn(messages: readonly string[]): Promise<Changes> {
  const { CommitParser } = await import('conventional-commits-parser');
  const parser = new CommitParser({
    headerPattern: /^(\w+)(?:\(([^)]*)\))?!?: (.+)$/,
    breakingHeaderPattern: /^(\w+)(?:\(([^)]*)\))?!: (.+)$/,
  });
  const kinds = new Map([BREAKING, ...Object.values(TITLES)].map((title) => [title, new Set<string>()]));
  const leftOut: string[] = [];
  for (const message of [...messages].reverse()) {
    const { header, type, scope, subject, notes, merge } = parser.parse(message);
    if (!type || !subject) {
      if (!merge && header && !header.startsWith('Merge ')) leftOut.push(header);
      continue;
    }
    const title = notes.length > 0 ? BREAKING : TITLES[type];
    if (title)
      kinds.get(title)?.add(`- ${scope ? `${sentence(scope)}: ${subject}` : sentence(subject)}${end(subject)}`);
  }
  const filled = [...kinds].filter(([, lines]) => lines.size > 0);
  return { text: filled.map(([title, lines]) => `### ${title}\n\n${[...lines].join('\n')}`).join('\n\n'), leftOut };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const end = (text: string): string => (/[.?!]$/.test(text) ? '' : '.');
