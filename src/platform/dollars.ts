const BILLIONTHS = 1_000_000_000n;

/** `$0.30`, `$12.05`; below a cent `under $0.01`. Rounded up: an estimate must not flatter. */
export function dollars(billionths: bigint): string {
  if (billionths === 0n) return '$0.00';
  const perCent = BILLIONTHS / 100n;
  if (billionths < perCent) return 'under $0.01';
  const cents = (billionths + perCent - 1n) / perCent;
  return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}

/** `about $12.40`, `under $0.01`. Every amount is an estimate and says so. */
export function about(billionths: bigint): string {
  const text = dollars(billionths);
  return text.startsWith('$') ? `about ${text}` : text;
}

/** `$1.21 an hour`, rounded to the nearest cent as price lists are. */
export function hourly(price: number): string {
  return `$${((price * 3600) / 1e9).toFixed(2)} an hour`;
}
