import { Slices } from '../../src/platform/slices';
import { ManualClock } from './manualClock';

/** For work so short that it never has to yield. */
export const noRests = () => new Slices(new ManualClock());
