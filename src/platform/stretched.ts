// A chance is also a number from -12 to 12, the logarithm of its odds: "stretched". These two tables are made of sums,
// products and quotients alone, which have the same results on every computer; logarithms have not.

/** How many steps there are from 0 to 1, or from -12 to 12. */
export const STEPS = 4_096;

/** Stretched chances. */
export const STRETCHED = new Float32Array(STEPS + 1);
for (let at = STEPS / 2; at < STEPS; at++) {
  const next = (STRETCHED[at] ?? 0) + STEPS / ((at + 0.5) * (STEPS - at - 0.5));
  STRETCHED[at + 1] = next;
  STRETCHED[STEPS - at - 1] = -next;
}

/** The chances of what is stretched. */
export const CHANCES = new Float32Array(STEPS);
for (let at = 0, odds = 6.162_3e-6; at < STEPS; at++, odds *= 1.005_876_6) CHANCES[at] = odds / (1 + odds);

export const stretched = (chance: number): number => STRETCHED[Math.floor(chance * STEPS)] ?? 0;

export const stepOf = (sum: number): number => Math.max(0, Math.min(Math.floor((sum + 12) * (STEPS / 24)), STEPS - 1));
