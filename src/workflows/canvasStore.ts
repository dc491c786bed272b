import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import type { Journal } from '../platform/journal';
import { Slots, type Slotted } from '../platform/slots';

const Canvas = z.lazy(() =>
  z.object({
    sessionId: SessionId,
    /** The session's name as it was shown. */
    name: z.string(),
    /** Local clock, ms. */
    at: z.number(),
    nodes: z.number(),
  }),
);
/** A graph drawn in a session's page. */
type Canvas = z.output<typeof Canvas>;
export type KeptCanvas = Slotted<Canvas>;

/** Longer ones are not kept, UTF-16 units. */
export const LONGEST_CANVAS = 4 * 1024 * 1024;

/** The last canvases of the latest sessions, one for each session. */
export class CanvasStore extends Slots<Canvas> {
  /** @param journal returns a file of the account in use by its name. */
  constructor(journal: (name: string) => () => Promise<Journal>) {
    super(
      Canvas,
      ({ sessionId }) => sessionId,
      (slot) => journal(slot === undefined ? 'canvases' : `canvas${slot}`)(),
    );
  }
}
