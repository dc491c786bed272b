/** The start of the local calendar day that contains `at`, ms. Days differ in length. */
export function dayOf(at: number): number {
  return daysAfter(at, 0);
}

/** The start of the next local day, ms. */
export function nextDay(at: number): number {
  return daysAfter(at, 1);
}

/** The start of the local day that is so many days after that of `at`, ms. */
export function daysAfter(at: number, days: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** The start of the Monday of the local week that contains `at`, ms. */
export function weekOf(at: number): number {
  return daysAfter(at, -((new Date(at).getDay() + 6) % 7));
}

export function monthOf(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth()).getTime();
}

export function nextMonth(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth() + 1).getTime();
}
