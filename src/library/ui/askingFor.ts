import * as l10n from '@vscode/l10n';
import { pick } from '../../platform/ui/pick';
import { storable } from '../unstorable';

/** A text that the user types. Undefined if they cancel. */
export async function askFor(
  title: string,
  placeholder: string,
  ...usual: readonly { readonly value: string; readonly label: string }[]
): Promise<string | undefined> {
  const typed = (text: string) => ({ choices: [{ value: storable(text), label: storable(text), description: '' }] });
  const choices = usual.map((one) => ({ ...one, description: '' }));
  const answer = await pick({ title, placeholder, choices, typed });
  return typeof answer === 'string' ? answer : undefined;
}

/** A comment that was typed and not saved comes first. Undefined if the user cancels. */
export function askForComment(title: string, typed: string | undefined): Promise<string | undefined> {
  const without = { value: '', label: l10n.t('Without a comment') };
  const usual = typed ? [{ value: typed, label: typed }, without] : [without];
  return askFor(title, l10n.t('What has changed? (optional)'), ...usual);
}
