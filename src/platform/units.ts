/** Lengths of time, ms. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A dollar. Amounts of money are whole billionths of it. */
export const BILLIONTHS = 1_000_000_000;
