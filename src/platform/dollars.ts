import * as l10n from '@vscode/l10n';
import { BILLIONTHS } from './units';

const PER_CENT = BigInt(BILLIONTHS) / 100n;

/** `$0.30`, `$12.05`; below a cent `<$0.01`. Rounded up, so that an estimate is not too low. */
export function dollars(billionths: bigint): string {
  if (billionths === 0n) return '$0.00';
  if (billionths < PER_CENT) return '<$0.01';
  const cents = (billionths + PER_CENT - 1n) / PER_CENT;
  return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}

/** `about $12.40`, `<$0.01`. Every amount is an estimate, and is marked as one. */
export function about(billionths: bigint): string {
  const isTiny = billionths > 0n && billionths < PER_CENT;
  return isTiny ? dollars(billionths) : l10n.t('about {0}', dollars(billionths));
}

/** `$1.22 an hour`. Rounded up like the cost of an hour, so that both texts agree. @param price billionths a second. */
export function hourly(price: number): string {
  return l10n.t('{0} an hour', dollars(BigInt(Math.round(price)) * 3_600n));
}
