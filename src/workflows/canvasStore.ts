import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import type { Journal } from '../platform/journal';
import { Slots, type Slotted } from '../platform/slots';

const Canvas = z.lazy(() =>
  z.object({
    sessionId: SessionId,
    /** The session's, as it was shown. */
    name: z.string(),
    /** Local clock, ms. */
    at: z.number(),
    nodes: z.number(),
  }),
);
/** A graph that was drawn in a session's page. */
type Canvas = z.output<typeof Canvas>;
export type KeptCanvas = Slotted<Canvas>;

/** A longer one is not kept, UTF-16 units. */
export const LONGEST_CANVAS = 4 * 1024 * 1024;

/** What was drawn last in each of the last sessions' pages. */
export class CanvasStore extends Slots<Canvas> {
  /** @param journal by its name, of the account in use. */
  constructor(journal: (name: string) => () => Promise<Journal>) {
    super(
      Canvas,
      ({ sessionId }) => sessionId,
      (slot) => journal(slot === undefined ? 'canvases' : `canvas${slot}`)(),
    );
  }
}
