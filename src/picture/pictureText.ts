import * as l10n from '@vscode/l10n';
import { changeText, MODES, type NameOfValue } from '../library/compareText';
import { serverText } from '../comfyui/serverText';
import { keyOf } from '../library/parts';
import type { Differing } from './difference';
import type { Box, Mark, Picture, Shown } from './picture';

/** A problem of a node, which is named by the path to it. */
interface Problem {
  readonly nodeId: string;
  readonly message: string;
  readonly severity?: 'error' | 'warning' | 'info';
}

const MOST_CHANGES = 50;

/** Puts problems on their nodes, and on those whose subgraphs contain these. */
export function withProblems(picture: Picture, problems: readonly Problem[]): Picture {
  const byKey = new Map(picture.boxes.map((box) => [box.key, box]));
  const found = new Map<string, string[]>();
  for (const { nodeId, message, severity } of problems) {
    if (severity === 'info') continue;
    const whole = byKey.get(keyOf('node', '', nodeId));
    for (const { key } of whole ? [whole] : boxesOn(nodeId, byKey)) {
      const known = found.get(key);
      if (known) known.push(message);
      else found.set(key, [message]);
    }
  }
  const boxes = picture.boxes.map((box) => ({ ...box, problems: found.get(box.key) ?? [] }));
  return { ...picture, boxes };
}

function boxesOn(path: string, byKey: ReadonlyMap<string, Box>): readonly Box[] {
  const boxes: Box[] = [];
  let scope = '';
  for (const id of path.split(':')) {
    const box = byKey.get(keyOf('node', scope, id));
    if (!box) break;
    boxes.push(box);
    scope = box.type;
  }
  return boxes;
}

/** Says how each box has changed. */
export function withChanges({ picture, compared, changes }: Differing, nameOf: NameOfValue): Picture {
  const boxes = picture.boxes.map((box) => {
    const texts = (changes.get(box.key) ?? []).slice(0, MOST_CHANGES).flatMap((one) => {
      if ('name' in one) return one.kind === 'place' ? [] : [serverText(changeText(one, compared, nameOf))];
      return box.mark === 'changed' ? [`${SIGNS[one.kind]} ${serverText(one.part.type)}`] : [];
    });
    return { ...box, changes: texts };
  });
  return { ...picture, boxes };
}

const SIGNS = { added: '+', removed: '−', changed: '~', moved: '→' };

const WORDS = (): Readonly<Record<Mark, string>> => ({
  added: l10n.t('Added'),
  removed: l10n.t('Removed'),
  changed: l10n.t('Changed'),
  moved: l10n.t('Moved'),
});

/** With what each box is called: `~ KSampler #3 · Changed · muted · ⚠ 2`. */
export function shownPicture(picture: Picture, difference?: Differing): Shown {
  const [words, modes] = [WORDS(), MODES()];
  const labels = picture.boxes.map(({ name, id, mark, mode, problems = [] }) =>
    [
      `${mark ? `${SIGNS[mark]} ` : ''}${name} #${id}`,
      ...(mark ? [words[mark]] : []),
      ...(mode > 0 ? [modes.get(`${mode}`) ?? ''] : []),
      ...(problems.length > 0 ? [`⚠ ${problems.length}`] : []),
    ].join(' · '),
  );
  const marked = [...picture.boxes, ...picture.frames];
  const counts = (['added', 'removed', 'changed', 'moved'] as const).flatMap((kind) => {
    const count = marked.filter(({ mark }) => mark === kind).length;
    return count > 0 ? [`${SIGNS[kind]} ${words[kind]}: ${count}`] : [];
  });
  const isSame = difference?.compared.changes.length === 0;
  const other = isSame ? l10n.t('No differences that matter.') : difference ? words.changed : '';
  return { picture, labels, about: counts.join(' · ') || other };
}
