import type { Session } from '../comfydeploy/model';

const CAN: Readonly<Record<Session['phase'], string>> = {
  starting: '+open +extend +end',
  ready: '+open +url +extend +end +guard',
  undated: '+extend +end',
  ending: '',
};

/** What can be done with a session now, in the words of `when` clauses, so that menus offer nothing that would fail. */
export function capabilitiesOf(session: Session): string {
  const isUndatedWithPage = session.phase === 'undated' && session.url;
  // eslint-disable-next-line texts/marked -- words of `when` clauses
  return isUndatedWithPage ? `+open +url ${CAN.undated}` : CAN[session.phase];
}
