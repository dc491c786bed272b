export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, row by row. */
  readonly rgb: Uint8Array;
}

type Colour = readonly [red: number, green: number, blue: number];

/** Ridges before a low sun; the same seed gives the same picture. */
export function landscape(width: number, height: number, seed: number): Picture {
  const random = randomFrom(seed);
  const hue = random();
  const sky: readonly [Colour, Colour] = [hsl(hue, 0.5, 0.3), hsl(hue + 0.42, 0.75, 0.72)];
  const sun = { x: width * (0.25 + 0.5 * random()), y: height * (0.3 + 0.2 * random()), radius: height * 0.09 };
  const ridges = Array.from({ length: 5 }, (_, index) => ({
    colour: hsl(hue + 0.06 * index, 0.38, 0.4 - 0.075 * index),
    height: ridge(width, height * (0.5 + 0.1 * index), height * (0.11 - 0.012 * index), random),
  }));

  return painted(width, height, (x, y) => {
    const front = ridges.findLast((each) => y > (each.height[x] ?? height));
    if (front) return mix(front.colour, sky[1], 0.35 * (1 - y / height));
    const distance = Math.hypot(x - sun.x, y - sun.y) / sun.radius;
    const glow = distance < 1 ? 1 : 0.75 / distance ** 1.5;
    return mix(mix(sky[0], sky[1], y / (0.7 * height)), [255, 246, 222], Math.min(1, glow));
  });
}

export function plain(width: number, height: number, colour: number): Picture {
  const bytes: Colour = [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
  return painted(width, height, () => bytes);
}

/** The picture during sampling: noise that clears up. `done` goes from 0 to 1. */
export function emerging({ width, height, rgb }: Picture, done: number): Picture {
  const random = randomFrom(Math.round(done * 1000));
  return { width, height, rgb: rgb.map((byte) => byte * done + 255 * random() * (1 - done)) };
}

/** The mean colour of each square of `size` pixels; the last ones may be narrower. */
export function squares({ width, height, rgb }: Picture, size: number): Picture {
  const [columns, rows] = [Math.ceil(width / size), Math.ceil(height / size)];
  return painted(columns, rows, (column, row) => {
    const sum = [0, 0, 0];
    const [right, bottom] = [Math.min(width, (column + 1) * size), Math.min(height, (row + 1) * size)];
    for (let y = row * size; y < bottom; y++)
      for (let x = column * size; x < right; x++)
        for (const band of [0, 1, 2]) sum[band] = (sum[band] ?? 0) + (rgb[(y * width + x) * 3 + band] ?? 0);
    const pixels = (right - column * size) * (bottom - row * size);
    return [(sum[0] ?? 0) / pixels, (sum[1] ?? 0) / pixels, (sum[2] ?? 0) / pixels];
  });
}

function painted(width: number, height: number, at: (x: number, y: number) => Colour): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(at(x, y), (y * width + x) * 3);
  return { width, height, rgb };
}

function ridge(width: number, base: number, amplitude: number, random: () => number): readonly number[] {
  const waves = [1.3, 2.9, 6.1, 13.7].map((frequency) => ({ frequency, phase: random() * 6.28 }));
  return Array.from({ length: width }, (_, x) =>
    waves.reduce(
      (y, { frequency, phase }) =>
        y + (amplitude / frequency ** 0.7) * Math.sin((frequency * 6.28 * x) / width + phase),
      base,
    ),
  );
}

function mix(one: Colour, other: Colour, share: number): Colour {
  const at = Math.min(1, Math.max(0, share));
  return [one[0] + (other[0] - one[0]) * at, one[1] + (other[1] - one[1]) * at, one[2] + (other[2] - one[2]) * at];
}

function hsl(hue: number, saturation: number, lightness: number): Colour {
  const band = (offset: number): number => {
    const k = (offset + hue * 12) % 12;
    const swing = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - swing * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [band(0), band(8), band(4)];
}

/** Mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
