/** A picture that is being drawn: premultiplied RGBA, 0..255, in floats so that no opacity rounds twice. */

export interface LayerSize {
  readonly width: number;
  readonly height: number;
}

/** Of each pixel, 0..1. */
export type Coverage = Float32Array;

export class Layer {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;

  constructor({ width, height }: LayerSize) {
    this.width = width;
    this.height = height;
    this.data = new Float32Array(width * height * 4);
  }

  /** Porter and Duff's "over", with one premultiplied pixel. */
  paint(index: number, [red, green, blue, alpha]: readonly [number, number, number, number]): void {
    const { data } = this;
    const at = index * 4;
    const rest = 1 - alpha / 255;
    data[at] = red + data[at]! * rest;
    data[at + 1] = green + data[at + 1]! * rest;
    data[at + 2] = blue + data[at + 2]! * rest;
    data[at + 3] = alpha + data[at + 3]! * rest;
  }

  /** Lays another over this one, through a coverage. */
  over(top: Layer, opacity: number, coverage?: Coverage): void {
    for (let index = 0; index < this.width * this.height; index++) {
      const weight = opacity * (coverage?.[index] ?? 1);
      const at = index * 4;
      if (weight === 0 || top.data[at + 3] === 0) continue;
      this.paint(index, [
        top.data[at]! * weight,
        top.data[at + 1]! * weight,
        top.data[at + 2]! * weight,
        top.data[at + 3]! * weight,
      ]);
    }
  }

  alpha(): Coverage {
    return this.#map((at) => this.data[at + 3]! / 255);
  }

  /** As a luminance mask sees it (Rec. 709 weights of the encoded values); what is transparent is black. */
  luminance(): Coverage {
    const { data } = this;
    return this.#map((at) => (0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!) / 255);
  }

  /** Straight RGBA bytes. */
  toBytes(): Buffer {
    const bytes = Buffer.alloc(this.data.length);
    for (let at = 0; at < bytes.length; at += 4) {
      const alpha = this.data[at + 3]!;
      if (alpha <= 0) continue;
      for (let i = at; i < at + 3; i++) bytes[i] = Math.min(255, Math.round((this.data[i]! * 255) / alpha));
      bytes[at + 3] = Math.min(255, Math.round(alpha));
    }
    return bytes;
  }

  #map(of: (at: number) => number): Coverage {
    return Float32Array.from({ length: this.width * this.height }, (_, index) => of(index * 4));
  }
}
