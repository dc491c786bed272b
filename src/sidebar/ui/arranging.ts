import * as l10n from '@vscode/l10n';
import type { CommandHandlers } from '../../platform/ui/commands';
import { BACK, pick } from '../../platform/ui/pick';
import type { Arranged } from '../arrangement';

/** Asks which rows are shown, in which order, and under what. */
export function arrangingCommand(arranged: Arranged): Pick<CommandHandlers, 'arrangeRows'> {
  return {
    async arrangeRows() {
      const choices = arranged.options().map(({ label, isChosen, change }) => ({
        value: change,
        label,
        description: isChosen ? l10n.t('on') : '',
        icon: isChosen ? 'check' : 'blank',
      }));
      const change = await pick({
        title: l10n.t('Filter and Sort'),
        placeholder: l10n.t('Choose what the view shows'),
        choices,
      });
      if (change !== undefined && change !== BACK) arranged.change(change);
    },
  };
}
