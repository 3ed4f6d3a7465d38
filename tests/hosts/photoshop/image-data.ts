/** `PhotoshopImageData`: native memory that the plugin has to give back itself. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ColorMode, type ColorSpace, colorChannels } from './color.ts';
import { PhotoshopError } from './errors.ts';
import { natively } from './native-clock.ts';
import { type BitDepth, depthOf, type Samples } from './samples.ts';

export interface ImageContent {
  readonly width: number;
  readonly height: number;
  readonly color: ColorSpace;
  readonly components: number;
  /** Interleaved. */
  readonly samples: Samples;
}

const pixelFormats: Readonly<Partial<Record<ColorMode, readonly [string, string]>>> = {
  RGB: ['RGB', 'RGBA'],
  Grayscale: ['Grayscale', 'GrayscaleAlpha'],
  Lab: ['LAB', 'LABAlpha'],
};

export interface DataOptions {
  readonly chunky?: boolean;
  readonly fullRange?: boolean;
}

/** Counts the images that are still to be disposed of. */
export class ImageLedger {
  readonly #open = new Map<HostImageData, string>();
  created = 0;

  get undisposed(): number {
    return this.#open.size;
  }

  /** Where in the plugin each of them was made. */
  get origins(): readonly string[] {
    return [...this.#open.values()];
  }

  create(content: ImageContent): HostImageData {
    this.created += 1;
    const image = new HostImageData(content, () => this.#open.delete(image));
    this.#open.set(image, new Error('not disposed').stack ?? '');
    return image;
  }
}

export class HostImageData {
  readonly width: number;
  readonly height: number;
  readonly colorSpace: string;
  readonly colorProfile: string;
  readonly hasAlpha: boolean;
  readonly components: number;
  readonly componentSize: BitDepth;
  readonly pixelFormat: string;
  readonly isChunky = true;
  readonly type = 'image/uncompressed';
  #content: ImageContent | undefined;
  readonly #onDispose: () => void;

  constructor(content: ImageContent, onDispose: () => void) {
    const { width, height, color, components, samples } = content;
    this.#content = content;
    this.#onDispose = onDispose;
    this.width = width;
    this.height = height;
    this.colorSpace = color.mode;
    this.colorProfile = color.profile;
    this.components = components;
    this.hasAlpha = components > colorChannels[color.mode];
    this.componentSize = depthOf(samples);
    this.pixelFormat = pixelFormats[color.mode]?.[this.hasAlpha ? 1 : 0] ?? color.mode;
  }

  /** What Photoshop itself reads of it. Throws after `dispose`. */
  get content(): ImageContent {
    if (this.#content === undefined) {
      throw new PhotoshopError('The image data has been disposed of and cannot be used any more.');
    }
    return this.#content;
  }

  /** A copy, interleaved or plane by plane. 16-bit samples reach 32768, with `fullRange` 65535. */
  async getData({ chunky = true, fullRange = false }: DataOptions = {}): Promise<Samples> {
    const { samples, components } = this.content;
    await nextTurn();
    const data = natively(() => (chunky ? samples.slice() : planar(samples, components)));
    if (fullRange && data instanceof Uint16Array) {
      for (let i = 0; i < data.length; i++) data[i] = Math.round((data[i]! * 65_535) / 32_768);
    }
    return data;
  }

  dispose(): void {
    this.#content = undefined;
    this.#onDispose();
  }
}

function planar(samples: Samples, components: number): Samples {
  const planes = samples.slice();
  const count = samples.length / components;
  for (let i = 0; i < samples.length; i++) {
    planes[(i % components) * count + Math.floor(i / components)] = samples[i]!;
  }
  return planes;
}

/** Interleaved again, from planes. */
export function interleaved(planes: Samples, components: number): Samples {
  const samples = planes.slice();
  const count = planes.length / components;
  for (let i = 0; i < planes.length; i++) {
    samples[i] = planes[(i % components) * count + Math.floor(i / components)]!;
  }
  return samples;
}
