import { Slices } from '../../src/platform/slices';
import { ManualClock } from './manualClock';

/** For work that is over before anything else could have its turn. */
export const noRests = () => new Slices(new ManualClock());
