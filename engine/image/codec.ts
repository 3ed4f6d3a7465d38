/**
 * Pictures from and to files' bytes. The only importer of sharp (libvips). What sharp does by default and this file
 * prevents: converting colours to sRGB, narrowing 16 bits to 8, widening grey to RGB.
 */
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { EncodedFormat, ImageFormat, ImagePayload, OutputOptions, RawFormat } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from './bounds.ts';
import { insertJpegIcc } from './icc-jpeg.ts';
import { insertTiffIcc } from './icc-tiff.ts';
import { insertWebpIcc } from './icc-webp.ts';
import { imageTypeOf } from './image-type.ts';
import { type Channels, hasAlpha, type Mask, maxSample, type Picture } from './picture.ts';
import { encodePng } from './png-stream.ts';
import {
  bytesOf,
  convertPicture,
  flattenOnWhite,
  luma,
  type SampleFormat,
  sampleFormatOf,
  samplesOf,
} from './samples.ts';

/** Nothing is decoded twice: a cache would only hold memory. */
sharp.cache(false);
/** Decoders and encoders of single files are serial; the cores belong to the fill and the network. */
sharp.concurrency(1);

/** Largest pictures taken in: 2^28 pixels are 1 GiB as RGBA8, 2 GiB as RGBA16. */
export const MAX_INPUT_PIXELS = 2 ** 28;
/** The largest canvas of any editor (Photoshop's large document format). */
export const MAX_INPUT_SIDE = 300_000;

/** Largest sides the formats can hold: JPEG by libjpeg, WebP by its 14-bit fields. */
const maxOutputSide: Readonly<Record<EncodedFormat, number>> = {
  png: 2 ** 31 - 1,
  jpeg: 65_500,
  webp: 16_383,
  tiff: 2 ** 31 - 1,
};

/** From this JPEG quality on colour is kept at full resolution: below, nobody sees the difference. */
const FULL_CHROMA_QUALITY = 90;
const PREVIEW_QUALITY = 80;

/** Truncated and damaged files are errors; odd metadata is not. */
const decodeOptions = { failOn: 'error', limitInputPixels: false, autoOrient: true } as const;

/**
 * Decodes PNG, JPEG, WebP, TIFF or raw samples. The content decides over the declared encoded format. EXIF orientation
 * is applied, the first frame or page taken, 8 or 16 bits kept, grey kept grey, palettes expanded, profiles kept
 * without converting colours. CMYK alone is converted, by its profile, to 8-bit sRGB.
 *
 * @throws EngineError 'invalid-image' or 'image-too-large', the latter before any pixel is allocated.
 */
export async function decode(payload: ImagePayload): Promise<Picture> {
  if (isRaw(payload.format)) return decodeRaw(payload, payload.format);
  const { bytes } = payload;
  const format = encodedFormatOf(bytes);
  try {
    const header = await sharp(bytes, decodeOptions).metadata();
    assertSize(header);
    assertAnnounced(payload, header.autoOrient);
    return await decodePixels(bytes, header);
  } catch (error) {
    throw decodeError(error, format);
  }
}

/** How large an encoded picture is once it is upright, from its header alone. @throws EngineError 'invalid-image' */
export async function readSize(bytes: Uint8Array): Promise<Size> {
  const format = encodedFormatOf(bytes);
  try {
    const { autoOrient } = await sharp(bytes, decodeOptions).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    throw decodeError(error, format);
  }
}

function encodedFormatOf(bytes: Uint8Array): EncodedFormat {
  const type = imageTypeOf(bytes);
  if (type.format !== null) return type.format;
  throw new EngineError('invalid-image', `Expected a PNG, JPEG, WebP or TIFF picture, received ${type.name}`);
}

/** Whoever announced a size has reckoned with it. */
function assertAnnounced({ width, height }: ImagePayload, upright: Size): void {
  if ((width ?? upright.width) === upright.width && (height ?? upright.height) === upright.height) return;
  throw new EngineError(
    'invalid-image',
    `Expected a picture of ${width} x ${height} px, as announced, received ${upright.width} x ${upright.height} px`,
  );
}

async function decodePixels(bytes: Uint8Array, header: Metadata): Promise<Picture> {
  const { space, depth, channels, icc } = header;
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new EngineError(
      'invalid-image',
      `Expected grey, RGB or CMYK samples of 8 or 16 bits, received ${space} samples of type ${depth}`,
    );
  }
  const isGrey = space === 'b-w' || space === 'grey16';
  const isRgb = space === 'srgb' || space === 'rgb' || space === 'rgb16';
  const is16Bit = depth === 'ushort' && (isGrey || isRgb);
  const expected = isGrey || isRgb ? channels : header.hasAlpha ? 4 : 3;
  if (expected > (isGrey ? 2 : 4)) {
    throw new EngineError(
      'invalid-image',
      `Expected grey or RGB with at most one alpha, received ${channels} channels`,
    );
  }
  // sharp drops alpha from raw 8-bit grey + alpha: it is taken as RGBA and narrowed again.
  const wanted = { channels: expected as Channels, depth: is16Bit ? 16 : 8 } as const;
  const viaRgba = wanted.channels === 2 && !is16Bit;
  const { data, info } = await sharp(bytes, { ...decodeOptions, ignoreIcc: isGrey || isRgb })
    .toColourspace(viaRgba ? 'srgb' : colourspaceOf(wanted))
    .raw({ depth: is16Bit ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const picture: Picture = {
    width: info.width,
    height: info.height,
    channels: viaRgba ? 4 : wanted.channels,
    data: samplesOf(data, wanted.depth),
  };
  const narrowed = viaRgba ? convertPicture(picture, wanted) : picture;
  return icc !== undefined && (isGrey || isRgb) ? { ...narrowed, icc: new Uint8Array(icc) } : narrowed;
}

function decodeRaw(payload: ImagePayload, format: RawFormat): Picture {
  const { width, height, bytes } = payload;
  if (!isSide(width) || !isSide(height)) {
    throw new EngineError(
      'invalid-image',
      `Expected width and height in whole pixels with ${format}, received ${width} x ${height}`,
    );
  }
  assertSize({ width, height });
  const { channels, depth } = sampleFormatOf[format];
  const expected = width * height * channels * (depth / 8);
  if (bytes.byteLength !== expected) {
    throw new EngineError(
      'invalid-image',
      `Expected ${expected} bytes for ${width} x ${height} ${format}, received ${bytes.byteLength}`,
    );
  }
  return { width, height, channels, data: samplesOf(bytes, depth) };
}

/**
 * Decodes a mask: white = change. Colour counts by its luma, transparent pixels as black in proportion, 16 bits by
 * their upper eight.
 *
 * @param size The picture's, which the mask's must equal.
 * @throws EngineError 'mask-mismatch', and all that `decode` throws.
 */
export async function decodeMask(payload: ImagePayload, size: Size): Promise<Mask> {
  const { width, height, channels, data } = await decode(payload);
  if (width !== size.width || height !== size.height) {
    throw new EngineError(
      'mask-mismatch',
      `Expected a mask of ${size.width} x ${size.height} px like the picture, received ${width} x ${height} px`,
    );
  }
  if (channels === 1 && data instanceof Uint8Array) return { width, height, data };
  const shift = maxSample(data) === 255 ? 0 : 8;
  const isColour = channels >= 3;
  const mask = new Uint8Array(width * height);
  for (let i = 0, s = 0; i < mask.length; i++, s += channels) {
    const grey = (isColour ? luma(data[s]!, data[s + 1]!, data[s + 2]!) : data[s]!) >> shift;
    const alpha = hasAlpha(channels) ? data[s + channels - 1]! >> shift : 255;
    mask[i] = (grey * alpha + 127) / 255;
  }
  return { width, height, data: mask };
}

/**
 * Encodes a picture. PNG and TIFF keep every sample; PNG also carries the recipe. JPEG and WebP are 8 bits; JPEG is
 * flattened on white. The profile is embedded in all four byte for byte, colours are never converted. Raw formats are
 * converted in channels and depth to what they name.
 *
 * @throws EngineError 'image-too-large' when the format cannot hold the sides.
 */
export async function encode(
  picture: Picture,
  options: OutputOptions & { readonly recipe?: string },
): Promise<Uint8Array> {
  const { format, quality, recipe } = options;
  if (isRaw(format)) return bytesOf(convertPicture(picture, sampleFormatOf[format]).data);
  const longest = Math.max(picture.width, picture.height);
  if (longest > maxOutputSide[format]) {
    throw new EngineError(
      'image-too-large',
      `Expected sides of at most ${maxOutputSide[format]} px for ${format}, received ${picture.width} x ${picture.height} px`,
      { hint: 'Choose PNG or TIFF.' },
    );
  }
  const { icc } = picture;
  try {
    switch (format) {
      case 'png':
        return await encodePng(picture, recipe);
      case 'tiff': {
        const tiff = await toSharp(picture)
          .tiff({ compression: 'deflate', predictor: 'horizontal' })
          .toBuffer();
        return icc ? insertTiffIcc(tiff, icc) : tiff;
      }
      case 'jpeg': {
        const jpeg = await toSharp(to8Bit(flattenOnWhite(picture)))
          .jpeg({ quality, chromaSubsampling: quality >= FULL_CHROMA_QUALITY ? '4:4:4' : '4:2:0' })
          .toBuffer();
        return icc ? insertJpegIcc(jpeg, icc) : jpeg;
      }
      case 'webp': {
        const webp = await toSharp(to8Bit(picture)).webp({ quality, exact: true }).toBuffer();
        if (!icc) return webp;
        const { width, height } = picture;
        return insertWebpIcc(webp, { width, height, icc, hasAlpha: hasAlpha(picture.channels) });
      }
    }
  } catch (error) {
    throw encodeError(error, format);
  }
}

export interface Preview extends Size {
  readonly jpeg: Uint8Array;
}

/** A small JPEG of the picture, its longest side at most `maxSide` pixels; on white, with the picture's profile. */
export async function encodePreview(picture: Picture, maxSide: number): Promise<Preview> {
  try {
    const { data, info } = await toSharp(to8Bit(flattenOnWhite(picture)))
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: PREVIEW_QUALITY })
      .toBuffer({ resolveWithObject: true });
    const jpeg = picture.icc ? insertJpegIcc(data, picture.icc) : data;
    return { width: info.width, height: info.height, jpeg };
  } catch (error) {
    throw encodeError(error, 'jpeg');
  }
}

/** The picture's samples, not copied, as sharp's input; encoded with the same channels and depth. */
function toSharp(picture: Picture): Sharp {
  const { width, height, channels, data } = picture;
  const depth = maxSample(data) === 255 ? 8 : 16;
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false }).toColourspace(
    colourspaceOf({ channels, depth }),
  );
}

/** libvips' name of a sample format: without it sharp makes everything 8-bit RGB. */
function colourspaceOf({ channels, depth }: SampleFormat): string {
  if (channels <= 2) return depth === 8 ? 'b-w' : 'grey16';
  return depth === 8 ? 'srgb' : 'rgb16';
}

function to8Bit(picture: Picture): Picture {
  return convertPicture(picture, { channels: picture.channels, depth: 8 });
}

function isRaw(format: ImageFormat): format is RawFormat {
  return Object.hasOwn(sampleFormatOf, format);
}

function isSide(side: number | undefined): side is number {
  return Number.isSafeInteger(side) && side! >= 1;
}

function assertSize({ width, height }: Size): void {
  if (width > MAX_INPUT_SIDE || height > MAX_INPUT_SIDE || width * height > MAX_INPUT_PIXELS) {
    throw new EngineError(
      'image-too-large',
      `Expected a picture of at most ${MAX_INPUT_PIXELS} pixels and ${MAX_INPUT_SIDE} px a side, received ${width} x ${height} px`,
    );
  }
}

/** libvips reports a failed allocation in words only. */
const outOfMemoryWords = /out of memory|allocate/i;

function decodeError(error: unknown, format: EncodedFormat): EngineError {
  if (error instanceof EngineError) return error;
  const reason = firstLine(error);
  if (outOfMemoryWords.test(reason)) {
    return new EngineError('out-of-memory', `Too little memory to decode the picture: ${reason}`, {
      cause: error,
    });
  }
  return new EngineError(
    'invalid-image',
    `Expected a complete and undamaged ${format.toUpperCase()} picture, received one that cannot be read: ${reason}`,
    { cause: error },
  );
}

function encodeError(error: unknown, format: EncodedFormat): EngineError {
  const reason = firstLine(error);
  const code = outOfMemoryWords.test(reason) ? 'out-of-memory' : 'internal';
  return new EngineError(code, `The picture could not be written as ${format.toUpperCase()}: ${reason}`, {
    cause: error,
  });
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.trim();
}
