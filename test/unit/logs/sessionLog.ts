import { answer, type Fault } from '../../fakes/faults';
import { sessionId, setup } from '../../fakes/setup';

/** Follows a session's log; each text is the content of one connection. */
export function setupLog(...connections: readonly (string | Fault)[]) {
  return followIn(setup(), connections);
}

export function followIn(world: ReturnType<typeof setup>, connections: readonly (string | Fault)[]) {
  const faults = connections.map((one) => (typeof one === 'string' ? answer(200, one) : one));
  world.api.fail('GET /v2/stream-logs', ...faults);
  const changes: (readonly string[])[] = [];
  const followed = world.app.logs.follow(sessionId('one'), () => changes.push(messages()));
  const { log } = followed;
  const messages = () => log.lines.map(({ message }) => message);
  return { ...world, followed, log, changes, messages };
}
