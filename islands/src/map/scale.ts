// The map's scale bar: a round distance that fits. Pure.

export const METRES_PER_DEGREE = 111_320;

export interface Scale {
  metres: number;
  pixels: number;
  label: string;
}

/** The largest 1, 2 or 5 × 10ⁿ metres that is not longer than `room` pixels. */
export function scaleBar(metresPerPixel: number, room: number): Scale {
  const most = metresPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  return {
    metres,
    pixels: Math.round(metres / metresPerPixel),
    label: metres >= 1000 ? `${metres / 1000} km` : `${metres} m`,
  };
}
