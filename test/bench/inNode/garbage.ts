import v8 from 'node:v8';
import vm from 'node:vm';

/** Runs a full garbage collection at once. */
export function garbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}
