/** `require('photoshop').imaging`, by its documentation where that and the published typings differ. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Application } from './application.ts';
import { type ColorMode, type ColorSpace, colorChannels, convertPixels, workingProfiles } from './color.ts';
import { composite, isOpaque } from './composite.ts';
import {
  canvasOf,
  type DocumentState,
  findLayer,
  type LayerState,
  layerFormat,
  withLayer,
} from './document-state.ts';
import { notModelled, PhotoshopError } from './errors.ts';
import type { HostDocument } from './host-document.ts';
import { HostImageData, interleaved } from './image-data.ts';
import { natively } from './native-clock.ts';
import { contentOf, Raster } from './raster.ts';
import { heightOf, intersection, type Rectangle, rectangleOf, translated, widthOf } from './rectangle.ts';
import { allocate, type BitDepth, depthOf, maxOf, type Samples, toDepth } from './samples.ts';

export interface BoundsSize {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface SourceOptions {
  readonly documentID?: number;
  readonly sourceBounds?: Rectangle | BoundsSize;
  readonly targetSize?: object;
}

export interface GetPixelsOptions extends SourceOptions {
  readonly layerID?: number;
  readonly historyStateID?: number;
  readonly colorSpace?: string;
  readonly colorProfile?: string;
  readonly componentSize?: -1 | BitDepth;
  readonly applyAlpha?: boolean;
}

export interface GetLayerMaskOptions extends SourceOptions {
  readonly layerID: number;
  readonly kind?: 'user' | 'vector';
}

interface TargetOptions {
  readonly documentID?: number;
  readonly imageData: HostImageData;
  readonly replace?: boolean;
  readonly targetBounds?: { readonly left: number; readonly top: number };
  readonly commandName?: string;
}

export interface PutPixelsOptions extends TargetOptions {
  readonly layerID: number;
}

export interface PutLayerMaskOptions extends TargetOptions {
  readonly layerID: number;
  readonly kind?: 'user';
}

export interface CreateImageOptions {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly chunky?: boolean;
  readonly colorProfile?: string;
  readonly colorSpace: string;
  readonly fullRange?: boolean;
}

interface PixelsResult {
  readonly imageData: HostImageData;
  readonly sourceBounds: Rectangle;
  readonly level: number;
}

interface MaskResult {
  readonly imageData: HostImageData;
  readonly sourceBounds: Rectangle;
}

const gray: ColorSpace = { mode: 'Grayscale', profile: workingProfiles.Grayscale };
/** Photoshop works in its own threads: never longer at a time in the one that the plugin shares with this host. */
const pixelsPerTurn = 2 ** 18;
const blackTileSide = 64;

export class Imaging {
  readonly #application: Application;

  constructor(application: Application) {
    this.#application = application;
  }

  async getPixels(options: GetPixelsOptions): Promise<PixelsResult> {
    const { document, state, wanted } = this.#source('getPixels', options, options.historyStateID);
    await nextTurn();
    const layer = options.layerID === undefined ? undefined : layerOf(document, options.layerID, state);
    if (layer?.children !== undefined) throw notModelled('getPixels of a group');
    const region = trim(layer === undefined ? canvasOf(state) : layer.raster?.contentBounds(), wanted);
    const target = this.#targetColor(options, state);
    const isWithoutAlpha = layer === undefined ? isOpaque(state) : layer.isBackground;
    const keepsAlpha = !isWithoutAlpha && options.applyAlpha !== true;
    const { channels } = layerFormat(state);
    const colours = colorChannels[target.mode];
    const components = keepsAlpha ? colours + 1 : colours;
    const convert = (pixels: Samples) => {
      const converted = convertPixels(pixels, {
        from: state,
        to: target,
        depth: target.depth,
        hasAlpha: true,
      });
      return keepsAlpha ? converted : withoutAlpha(converted, colours);
    };
    const read = (part: Rectangle) =>
      layer === undefined ? composite(state, part) : layer.raster!.read(part);
    const content = isWithoutAlpha
      ? region
      : trimmed(await inStrips(region, channels, state.depth, read), region, channels);
    const samples = await inStrips(content, components, target.depth, (part) => convert(read(part)));
    const imageData = this.#application.images.create({
      width: widthOf(content),
      height: heightOf(content),
      color: target,
      components,
      samples,
    });
    return { imageData, sourceBounds: content, level: 0 };
  }

  async putPixels(options: PutPixelsOptions): Promise<void> {
    const { document, image, bounds } = this.#target('putPixels', options);
    const layer = layerOf(document, options.layerID);
    if (layer.children !== undefined) throw new PhotoshopError('putPixels: the layer is a group.');
    if (layer.kind !== 'pixel') throw new PhotoshopError('putPixels: the layer is not a pixel layer.');
    if (layer.isLocked) throw new PhotoshopError('putPixels: the layer is locked.');
    const { color, samples, components } = image;
    const { state } = document;
    const hasAlpha = components > colorChannels[color.mode];
    await nextTurn();
    const opaque = hasAlpha ? samples : natively(() => withOpaqueAlpha(samples, components));
    const pixels = natively(() =>
      convertPixels(opaque, { from: color, to: state, depth: state.depth, hasAlpha: true }),
    );
    const format = layerFormat(state);
    const old = layer.raster ?? Raster.empty(format);
    const base = (options.replace ?? true) && !layer.isBackground ? Raster.empty(format) : old;
    const raster = natively(() => base.written(bounds, pixels));
    document.change(
      options.commandName ?? 'Put pixels',
      withLayer(document.state, layer.id, (current) => ({ ...current, raster })),
    );
  }

  async getLayerMask(options: GetLayerMaskOptions): Promise<MaskResult> {
    const { document, wanted } = this.#source('getLayerMask', options);
    await nextTurn();
    if (options.kind === 'vector') throw notModelled('vector masks');
    const { mask } = layerOf(document, options.layerID);
    if (mask === undefined) throw new PhotoshopError('getLayerMask: the layer has no user mask.');
    return this.#grayResult(mask.raster, wanted);
  }

  async putLayerMask(options: PutLayerMaskOptions): Promise<void> {
    const { document, image, bounds } = this.#target('putLayerMask', options);
    const layer = layerOf(document, options.layerID);
    if (layer.mask === undefined) throw new PhotoshopError('putLayerMask: the layer has no user mask.');
    const { mask } = layer;
    await nextTurn();
    const samples = this.#maskSamples('putLayerMask', image, document.state.depth);
    if (this.#application.quirks.blackMaskTilesTurnWhite) whitenBlackTiles(samples, widthOf(bounds));
    const { format, surroundings } = mask.raster;
    const base = (options.replace ?? true) ? Raster.empty(format, surroundings) : mask.raster;
    const raster = natively(() => base.written(bounds, samples));
    document.change(
      options.commandName ?? 'Put layer mask',
      withLayer(document.state, layer.id, (current) => ({ ...current, mask: { ...mask, raster } })),
    );
  }

  async getSelection(options: SourceOptions): Promise<MaskResult> {
    const { state, wanted } = this.#source('getSelection', options);
    await nextTurn();
    if (state.selection === undefined) throw new PhotoshopError('getSelection: there is no selection.');
    return this.#grayResult(state.selection, intersection(canvasOf(state), wanted ?? canvasOf(state)));
  }

  async putSelection(options: TargetOptions): Promise<void> {
    const { document, image, bounds } = this.#target('putSelection', options);
    await nextTurn();
    const { state } = document;
    const samples = this.#maskSamples('putSelection', image, state.depth);
    const old = state.selection;
    const format = { channels: 1, depth: state.depth };
    const base = (options.replace ?? true) || old === undefined ? Raster.empty(format) : old;
    const selection = natively(() => base.written(bounds, samples));
    const { selection: _, ...rest } = state;
    const isEmpty = selection.contentBounds() === undefined;
    document.change(options.commandName ?? 'Put selection', isEmpty ? rest : { ...rest, selection });
  }

  async createImageDataFromBuffer(buffer: Samples, options: CreateImageOptions): Promise<HostImageData> {
    this.#application.modal.assertModal('createImageDataFromBuffer');
    const { width, height, components, colorSpace, chunky = true, fullRange = false } = options;
    const isSamples =
      buffer instanceof Uint8Array || buffer instanceof Uint16Array || buffer instanceof Float32Array;
    if (!isSamples) throw new PhotoshopError('createImageDataFromBuffer: expected a typed array.');
    if (buffer.length !== width * height * components || buffer.length === 0) {
      throw new PhotoshopError(
        `createImageDataFromBuffer: expected ${width} x ${height} x ${components} elements, received ${buffer.length}.`,
      );
    }
    const mode = modeOf(colorSpace);
    const extra = components - colorChannels[mode];
    if (extra !== 0 && extra !== 1) {
      throw new PhotoshopError(
        `createImageDataFromBuffer: ${colorSpace} cannot have ${components} components.`,
      );
    }
    let samples: Samples = natively(() => (chunky ? buffer.slice() : interleaved(buffer, components)));
    if (samples instanceof Uint16Array) {
      samples = samples.map((v) => (fullRange ? Math.round((v * 32_768) / 65_535) : v));
      if (samples.some((v) => v > maxOf[16])) {
        throw new PhotoshopError(
          'createImageDataFromBuffer: 16-bit samples reach 32768 without "fullRange".',
        );
      }
    }
    await nextTurn();
    const color = { mode, profile: options.colorProfile ?? workingProfiles[mode] };
    return this.#application.images.create({ width, height, color, components, samples });
  }

  #source(
    what: string,
    options: SourceOptions,
    historyStateId?: number,
  ): { document: HostDocument; state: DocumentState; wanted: Rectangle | undefined } {
    this.#application.modal.assertModal(what);
    if (options.targetSize !== undefined) throw notModelled(`${what} with a targetSize`);
    const document = this.#application.documentOf(options.documentID);
    const entry = document.history.entries.find(({ id }) => id === historyStateId);
    if (historyStateId !== undefined && entry === undefined) {
      throw new PhotoshopError(`${what}: the history state ${historyStateId} does not exist.`);
    }
    const wanted = options.sourceBounds && rectangleFrom(options.sourceBounds);
    return { document, state: entry?.state ?? document.state, wanted };
  }

  #target(what: string, { documentID, imageData, targetBounds = { left: 0, top: 0 } }: TargetOptions) {
    this.#application.modal.assertModal(what);
    if (!(imageData instanceof HostImageData)) throw new PhotoshopError(`${what}: expected imageData.`);
    const document = this.#application.documentOf(documentID);
    const image = imageData.content;
    const { left, top } = targetBounds;
    if (!Number.isInteger(left) || !Number.isInteger(top)) {
      throw new PhotoshopError(`${what}: expected whole pixels in targetBounds, received ${left}, ${top}.`);
    }
    return { document, image, bounds: rectangleOf(left, top, image.width, image.height) };
  }

  #targetColor(
    { colorSpace, colorProfile, componentSize = -1 }: GetPixelsOptions,
    state: DocumentState,
  ): ColorSpace & { readonly depth: BitDepth } {
    const mode = colorSpace === undefined ? state.mode : modeOf(colorSpace);
    if (mode === 'CMYK') throw new PhotoshopError('getPixels: the colour space CMYK is not supported.');
    const ownProfile = mode === state.mode ? state.profile : workingProfiles[mode];
    const depth = componentSize === -1 ? state.depth : componentSize;
    if (depth !== state.depth && this.#application.quirks.refusesDepthConversion) {
      throw new PhotoshopError('Error Code -1', -1);
    }
    return { mode, profile: colorProfile ?? ownProfile, depth };
  }

  #maskSamples(what: string, image: HostImageData['content'], depth: BitDepth): Samples {
    if (image.color.mode !== 'Grayscale' || image.components !== 1) {
      throw new PhotoshopError(`${what}: expected one component of Grayscale.`);
    }
    return natively(() => toDepth(image.samples, depth).slice());
  }

  async #grayResult(raster: Raster, wanted: Rectangle | undefined): Promise<MaskResult> {
    const { depth } = raster.format;
    const region = trim(raster.contentBounds(), wanted);
    const whole = await inStrips(region, 1, depth, (part) => raster.read(part));
    const bounds = natively(() => trimmed(whole, region, 1, raster.surroundings));
    const samples = natively(() => cut(whole, { from: region, to: bounds, channels: 1 }));
    const imageData = this.#application.images.create({
      width: widthOf(bounds),
      height: heightOf(bounds),
      color: gray,
      components: 1,
      samples,
    });
    return { imageData, sourceBounds: bounds };
  }
}

function emptyRegion(): PhotoshopError {
  return new PhotoshopError('grabPixels: got invalid empty image region');
}

function trim(valid: Rectangle | undefined, wanted: Rectangle | undefined): Rectangle {
  const region = valid && intersection(valid, wanted ?? valid);
  if (region === undefined) throw emptyRegion();
  return region;
}

function trimmed(samples: Samples, region: Rectangle, channels: number, surroundings = 0): Rectangle {
  const content = contentOf(samples, channels, surroundings, widthOf(region));
  if (content === undefined) throw emptyRegion();
  return translated(content, { x: region.left, y: region.top });
}

async function inStrips(
  region: Rectangle,
  channels: number,
  depth: BitDepth,
  read: (part: Rectangle) => Samples,
): Promise<Samples> {
  const width = widthOf(region);
  const rows = Math.max(1, Math.floor(pixelsPerTurn / width));
  const result = allocate(depth, width * heightOf(region) * channels);
  for (let top = region.top; top < region.bottom; top += rows) {
    const part = { ...region, top, bottom: Math.min(region.bottom, top + rows) };
    natively(() => result.set(read(part), (top - region.top) * width * channels));
    await nextTurn();
  }
  return result;
}

function cut(
  samples: Samples,
  { from, to, channels }: { readonly from: Rectangle; readonly to: Rectangle; readonly channels: number },
): Samples {
  const result = allocate(depthOf(samples), widthOf(to) * heightOf(to) * channels);
  for (let y = to.top; y < to.bottom; y++) {
    const start = ((y - from.top) * widthOf(from) + to.left - from.left) * channels;
    const row = samples.subarray(start, start + widthOf(to) * channels);
    result.set(row, (y - to.top) * widthOf(to) * channels);
  }
  return result;
}

/** Laid on white. */
function withoutAlpha(samples: Samples, colours: number): Samples {
  const depth = depthOf(samples);
  const max = maxOf[depth];
  const channels = colours + 1;
  const count = samples.length / channels;
  const result = allocate(depth, count * colours);
  for (let i = 0; i < count; i++) {
    const from = i * channels;
    const to = i * colours;
    const alpha = samples[from + colours]!;
    if (alpha === max && colours === 3) {
      result[to] = samples[from]!;
      result[to + 1] = samples[from + 1]!;
      result[to + 2] = samples[from + 2]!;
      continue;
    }
    for (let c = 0; c < colours; c++) {
      const value = samples[from + c]!;
      result[to + c] = (value * alpha) / max + max - alpha;
    }
  }
  return result;
}

function withOpaqueAlpha(samples: Samples, colours: number): Samples {
  const depth = depthOf(samples);
  const max = maxOf[depth];
  const count = samples.length / colours;
  const result = allocate(depth, count * (colours + 1));
  for (let from = 0, to = 0; from < samples.length; to++) {
    for (const end = from + colours; from < end; from++, to++) result[to] = samples[from]!;
    result[to] = max;
  }
  return result;
}

function whitenBlackTiles(samples: Samples, width: number): void {
  const white = maxOf[depthOf(samples)];
  const height = samples.length / width;
  for (let top = 0; top < height; top += blackTileSide) {
    for (let left = 0; left < width; left += blackTileSide) {
      const right = Math.min(width, left + blackTileSide);
      const bottom = Math.min(height, top + blackTileSide);
      const rows = Array.from({ length: bottom - top }, (_, i) =>
        samples.subarray((top + i) * width + left, (top + i) * width + right),
      );
      if (rows.every((row) => row.every((value) => value === 0))) for (const row of rows) row.fill(white);
    }
  }
}

function modeOf(colorSpace: string): ColorMode {
  if (colorSpace in colorChannels) return colorSpace as ColorMode;
  throw new PhotoshopError(`Unknown colour space "${colorSpace}".`);
}

function rectangleFrom(bounds: Rectangle | BoundsSize): Rectangle {
  const { left, top } = bounds;
  const rectangle = 'width' in bounds ? rectangleOf(left, top, bounds.width, bounds.height) : { ...bounds };
  if (!Object.values(rectangle).every(Number.isInteger)) {
    throw new PhotoshopError(`Expected bounds in whole pixels, received ${JSON.stringify(bounds)}.`);
  }
  if (rectangle.right <= rectangle.left || rectangle.bottom <= rectangle.top) throw emptyRegion();
  return { left, top, right: rectangle.right, bottom: rectangle.bottom };
}

function layerOf(document: HostDocument, id: number, state = document.state): LayerState {
  const layer = findLayer(state, id);
  if (layer === undefined) throw new PhotoshopError(`The layer ${id} does not exist.`);
  return layer;
}
