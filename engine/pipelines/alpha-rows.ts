import type { Size } from '../image/bounds.ts';
import { LanczosRowResampler } from '../image/lanczos.ts';
import { allocateSamples, type Picture, type Samples } from '../image/picture.ts';

/** A picture's alpha at another size, given out row by row from the top. */
export class AlphaRows {
  readonly #picture: Picture;
  readonly #target: Size;
  readonly #resampler: LanczosRowResampler;
  #nextSourceRow = 0;
  #ready: Samples;

  constructor(picture: Picture, target: Size) {
    this.#picture = picture;
    this.#target = target;
    this.#resampler = new LanczosRowResampler({ input: picture, output: target, channels: 1 });
    this.#ready = allocateSamples(picture.data, 0);
  }

  /** The next `count` rows, one sample a pixel. */
  take(count: number): Samples {
    const length = count * this.#target.width;
    while (this.#ready.length < length) this.#append(this.#resampler.push(this.#sourceRow()));
    const taken = this.#ready.subarray(0, length);
    this.#ready = this.#ready.subarray(length);
    return taken;
  }

  #sourceRow(): Samples {
    const { width, channels, data } = this.#picture;
    const row = allocateSamples(data, width);
    const first = this.#nextSourceRow++ * width;
    for (let x = 0; x < width; x++) row[x] = data[(first + x) * channels + channels - 1];
    return row;
  }

  #append(rows: Samples): void {
    const joined = allocateSamples(rows, this.#ready.length + rows.length);
    joined.set(this.#ready);
    joined.set(rows, this.#ready.length);
    this.#ready = joined;
  }
}
