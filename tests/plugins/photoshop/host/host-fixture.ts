/** The plugin's side of Photoshop in an in-memory one, with pictures that no server made. */

import type { Photoshop } from '../../../../plugins/photoshop/api/photoshop.ts';
import { PhotoshopHost } from '../../../../plugins/photoshop/host/photoshop-host.ts';
import type { JobImage, JobPicture } from '../../../../plugins/shared/client/client-job.ts';
import type { Capture, Insertion, Order } from '../../../../plugins/shared/panel/editor-host.ts';
import type { HostDocument } from '../../../hosts/photoshop/host-document.ts';
import { startHost } from '../../../hosts/photoshop/host-fixture.ts';
import type { NewDocument } from '../../../hosts/photoshop/user.ts';

export type AnyRequest = Order['request'];

export class HostFixture {
  readonly #started = startHost();
  readonly application = this.#started.application;
  readonly user = this.#started.user;
  /** As `localStorage`. */
  readonly stored = new Map<string, string>();
  readonly host: PhotoshopHost;

  constructor() {
    this.host = this.newHost();
  }

  /** Another load of the plugin. */
  newHost(): PhotoshopHost {
    return new PhotoshopHost({
      // Its own classes take no layer of another kind.
      photoshop: this.#started as unknown as Photoshop,
      shell: { openExternal: () => Promise.resolve('') },
      storage: {
        getItem: (key) => this.stored.get(key) ?? null,
        setItem: (key, value) => void this.stored.set(key, value),
      },
    });
  }

  /** Opaque, every pixel another colour than its neighbours. */
  open(options: Partial<NewDocument> = {}): HostDocument {
    return this.user.open({
      width: 160,
      height: 120,
      background: (x, y) => [(x % 256) / 255, (y % 256) / 255, ((x + y) % 256) / 255],
      ...options,
    });
  }

  /** As a plugin sees it. */
  get front() {
    return this.#started.active();
  }

  /** As the user does it by Image > Canvas Size. */
  resizeCanvas(width: number, height: number): Promise<void> {
    return this.#started.modal(() => this.front.resizeCanvas(width, height));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.host.close();
  }
}

export function order(
  operation: Order['operation'],
  fields: Record<string, unknown> = {},
  more: Partial<Order> = {},
): Order {
  return { operation, request: { operation, ...fields } as unknown as AnyRequest, ...more };
}

export function imageOf({ tasks }: Capture, role: JobImage['role']): Required<JobImage> {
  const image = tasks[0]!.images.find((candidate) => candidate.role === role);
  return image as Required<JobImage>;
}

/** What the engine gives for a mask: the source's own pixels within the mask's bounds, changed by `paint`. */
export function filled(
  capture: Capture,
  { count = 1, paint = (value: number) => value }: FilledOptions = {},
): JobPicture[] {
  const [source, mask] = [imageOf(capture, 'source'), imageOf(capture, 'mask')];
  const at = whiteBounds(mask);
  const pixelBytes = source.bytes.length / source.width / source.height;
  const { request } = capture.tasks[0]!;
  const place = { left: mask.left + at.left, top: mask.top + at.top, width: at.width, height: at.height };
  return Array.from({ length: count }, (_, index): JobPicture[] => [
    {
      index,
      role: 'picture',
      format: source.format,
      ...place,
      request: { ...request, seed: 42 + index } as AnyRequest,
      bytes: cropped(source.bytes, { from: source, at, pixelBytes }).map((value) => paint(value, index)),
    },
    {
      index,
      role: 'mask',
      format: 'gray8',
      ...place,
      request: { ...request, seed: 42 + index } as AnyRequest,
      bytes: cropped(mask.bytes, { from: mask, at, pixelBytes: 1 }),
    },
  ]).flat();
}

export interface FilledOptions {
  readonly count?: number;
  readonly paint?: (value: number, index: number) => number;
}

/** One picture, every byte of it the same. */
export function plain(
  capture: Capture,
  size: { readonly width: number; readonly height: number; readonly left?: number; readonly top?: number },
  value = 128,
): JobPicture {
  const { format, bytes, width, height } = imageOf(capture, 'source');
  const pixelBytes = bytes.length / width / height;
  return {
    index: 0,
    role: 'picture',
    format,
    left: 0,
    top: 0,
    ...size,
    request: capture.tasks[0]!.request,
    bytes: new Uint8Array(size.width * size.height * pixelBytes).fill(value),
  };
}

export function insertion(of: Order, { place }: Capture, pictures: readonly JobPicture[]): Insertion {
  return { order: of, place, results: [pictures], createdAt: 1_700_000_000_000 };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function whiteBounds({ bytes, width, height }: Required<JobImage>): Area {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return { left, top, width: right - left, height: bottom - top };
}

interface CropOptions {
  readonly from: { readonly width: number };
  readonly at: Area;
  readonly pixelBytes: number;
}

function cropped(bytes: Uint8Array, { from, at, pixelBytes }: CropOptions): Uint8Array<ArrayBuffer> {
  const rowBytes = at.width * pixelBytes;
  const result = new Uint8Array(at.height * rowBytes);
  for (let y = 0; y < at.height; y++) {
    const start = ((at.top + y) * from.width + at.left) * pixelBytes;
    result.set(bytes.subarray(start, start + rowBytes), y * rowBytes);
  }
  return result;
}
