/** Pictures for the command line's tests, as files. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';

export interface Raw {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** Waves of colour with grain: something that a fill can go on with and PNG cannot make small. */
export function waves(width: number, height: number): Raw {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const grain = ((x * 7919 + y * 104_729) ^ (x * y)) % 32;
      data[i] = 110 + 80 * Math.sin(x / 9) + grain;
      data[i + 1] = 110 + 80 * Math.cos(y / 7) + grain;
      data[i + 2] = 60 + ((x + y) % 64) + grain;
    }
  }
  return { width, height, data };
}

/** White in the rectangle, black elsewhere. */
export function rectangleMask(
  { width, height }: Omit<Raw, 'data'>,
  rectangle: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Raw {
  const data = Buffer.alloc(width * height * 3);
  const { left, top } = rectangle;
  for (let y = top; y < top + rectangle.height; y++) {
    data.fill(255, (y * width + left) * 3, (y * width + left + rectangle.width) * 3);
  }
  return { width, height, data };
}

export async function save({ width, height, data }: Raw, file: string): Promise<string> {
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
  return file;
}

export async function load(file: string | Buffer): Promise<Raw> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

/** A PNG of a few bytes that says it has that many pixels. */
export function boastfulPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 2;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.from('789c030000000001', 'hex')),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The text that a PNG carries under this keyword (iTXt or tEXt, not compressed). */
export function pngText(file: Buffer, keyword: string): string | undefined {
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    if (data.toString('latin1', 0, keyword.length + 1) !== `${keyword}\0`) continue;
    if (type === 'tEXt') return data.toString('latin1', keyword.length + 1);
    // Compression flag and method, then language and translated keyword, both ended by a zero.
    if (type === 'iTXt')
      return data
        .subarray(keyword.length + 3)
        .toString('utf8')
        .split('\0')
        .slice(2)
        .join('\0');
  }
  return undefined;
}
