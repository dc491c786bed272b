import type { Session } from '../../../src/comfydeploy/model';
import { typedExtension } from '../../../src/spending/typedChoices';
import { MINUTE, NOW, session } from '../../fakes/appState';

export const A10G = 337_000;
export const DAY = 24 * 60;

export const length = (minutes: number) => ({ kind: 'length', minutes });

export const endingAt = (endsAt: number): Session => session('one', { left: (endsAt - NOW) / MINUTE });
export const extensions = (text: string, endsAt: number, now: number) =>
  typedExtension(text, endingAt(endsAt), now, A10G).choices.map(({ value }) => value);

/** The wall clock here, whatever zone that is. */
export const wall = (at: number) => {
  const date = new Date(at);
  return `${date.getHours()}:${date.getMinutes().toString().padStart(2, '0')}`;
};
