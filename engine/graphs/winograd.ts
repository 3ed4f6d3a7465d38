/**
 * Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016, arXiv 1509.09308) in operators of ONNX: a tile of
 * 4 x 4 pixels takes 36 products a channel, where onnxruntime's own convolutions on the CPU take 144. Of the 6 x 6 pixels d
 * around a tile and a kernel g
 *
 *     y = A' [(G g G') * (B' d B)] A
 *
 * where the products are summed over channels, so that all tiles together make 36 matrix products. Kernels take four
 * times their memory.
 */
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { elementsPerPixel, type Value } from '../onnx/graph-recorder.ts';
import { dimensionFactor, scaleDimension } from '../onnx/shape.ts';
import type { Parameters } from './parameters.ts';

/** What the three matrices of a tile are made of: the Kronecker squares do rows and columns at once. */
interface Transforms {
  /** A' x A', `[16, 36]`. */
  readonly output: readonly number[];
  /** G x G, `[36, 9]`. */
  readonly kernel: readonly number[];
  /** B' x B', `[36, 36]`. */
  readonly input: readonly number[];
}

const kernelSide = 3;
/** Tiles of 2 x 2 lose less to rounding and make kernels 1.8 times as large, but gain 1.2 to 1.5 times instead of 2. */
const tileSide = 4;
const inputSide = tileSide + kernelSide - 1;

/**
 * Where the polynomials are evaluated, besides infinity. These lose half as much to rounding as the usual 0, 1, -1, 2, -2
 * (deviation from the exact result of 1.6e-6 of it instead of 3.4e-6, over 320 channels; tiles of 2 x 2: 5e-7), and make
 * matrices that are exact in binary for all but kernels.
 */
const points = [0, 0.75, -0.75, 1.5, -1.5] as const;

export const winogradTransforms = makeTransforms();

/** Toom and Cook's construction of the matrices: A from powers of the points, G and B from Lagrange's interpolation. */
function makeTransforms(): Transforms {
  const powers = (point: number, count: number) =>
    Array.from({ length: count }, (_, power) => point ** power);
  const last = (count: number) => Array.from({ length: count }, (_, index) => (index === count - 1 ? 1 : 0));
  const others = (point: number) => points.filter((other) => other !== point);
  const output = transposed([...points.map((point) => powers(point, tileSide)), last(tileSide)]);
  const kernel = [
    ...points.map((point) => {
      const product = others(point).reduce((result, other) => result * (point - other), 1);
      return powers(point, kernelSide).map((power) => power / product);
    }),
    last(kernelSide),
  ];
  const input = [...points.map((point) => withRoots(others(point))), withRoots(points)].map((row) =>
    Array.from({ length: inputSide }, (_, index) => row[index] ?? 0),
  );
  return { output: kroneckerSquare(output), kernel: kroneckerSquare(kernel), input: kroneckerSquare(input) };
}

/** Coefficients, constant first, of the polynomial with these roots. */
function withRoots(roots: readonly number[]): readonly number[] {
  let coefficients = [1];
  for (const root of roots) {
    const shifted = [0, ...coefficients];
    coefficients = shifted.map((value, power) => value - root * (coefficients[power] ?? 0));
  }
  return coefficients;
}

function transposed(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return rows[0]!.map((_, column) => rows.map((row) => row[column]!));
}

/** The matrix that does to a flattened square what the given one does to each of its sides. */
function kroneckerSquare(matrix: readonly (readonly number[])[]): readonly number[] {
  return matrix.flatMap((a) => matrix.flatMap((b) => a.flatMap((x) => b.map((y) => x * y))));
}

/** Narrower, and transforming tiles takes what their products save. */
export const minWinogradChannels = 192;
/** Of a side of the network's input. Deeper, there are too few tiles for what larger kernels cost in memory and loading. */
const minScale = 1 / 2;

/** Whether tiles gain for a convolution of `input` `[N, C, H, W]` with a kernel of that shape. */
export function suitsWinograd(input: Value, kernel: readonly number[]): boolean {
  const [outChannels, channels, ...sides] = kernel as [number, number, ...number[]];
  const isWide = Math.min(channels, outChannels) >= minWinogradChannels;
  const isSquareOf3 = sides.length === 2 && sides.every((side) => side === kernelSide);
  return isSquareOf3 && isWide && dimensionFactor(input.shape[2]!) >= minScale;
}

export interface WinogradConvOptions {
  readonly builder: GraphBuilder;
  readonly parameters: Parameters;
  /** What becomes of the kernels before they are used; nothing without it. */
  readonly changed?: (kernels: Value) => Value;
}

/**
 * A 3 x 3 convolution of `[N, C, H, W]` with stride 1 and bias that keeps height and width; `key` is what its two
 * tensors' keys share. The kernels' transform is folded when a session loads.
 */
export function winogradConv(
  input: Value,
  key: string,
  { builder, parameters, changed = (kernels) => kernels }: WinogradConvOptions,
): Value {
  const [products, pixels] = [inputSide ** 2, tileSide ** 2];
  const constant = (name: keyof Transforms, shape: readonly number[]) =>
    builder.sharedConstant(`winograd.${name}`, shape, winogradTransforms[name]);

  const [outChannels, channels] = parameters.shape(`${key}.weight`) as [number, number];
  const shape = [1, outChannels, channels, kernelSide ** 2];
  const stored = builder.reshape(changed(parameters.get(`${key}.weight`)), shape, { shape });
  const kernels = builder.conv(
    builder.transpose(stored, [0, 3, 1, 2]),
    constant('kernel', [products, kernelSide ** 2, 1, 1]),
    { name: `${key}.winograd` },
  );

  // A tile begins one pixel before its first and ends one after its last; the last one may reach beyond the picture.
  const [batch, , ...size] = input.shape;
  const planes = builder.reshape(input, [-1, 1, 0, 0], {
    shape: [scaleDimension(batch!, channels), 1, ...size],
  });
  const tiles = builder.conv(planes, constant('input', [products, 1, inputSide, inputSide]), {
    stride: tileSide,
    padding: { start: 1, end: tileSide },
    name: `${key}.tiles`,
  });
  const grouped = builder.reshape(
    tiles,
    builder.concat([builder.sizes(input, 0, 1), builder.integers([channels, products, -1])], 0),
    { shape: [batch!, channels, products, 'tiles'] },
  );
  const summed = builder.matMul(kernels, builder.transpose(grouped, [0, 2, 1, 3]), {
    multiplyAddsPerPixel: (elementsPerPixel(input.shape) * outChannels * products) / pixels,
  });
  const flat = builder.reshape(summed, [0, products, -1], { shape: [batch!, products, 'tiled'] });
  const blocks = builder.reshape(
    builder.matMul(constant('output', [pixels, products]), flat),
    builder.concat([builder.integers([-1, pixels * outChannels]), builder.sizes(tiles, 2, 4)], 0),
    { shape: [batch!, pixels * outChannels, ...tiles.shape.slice(2)] },
  );
  const whole = builder.cropTo(builder.depthToSpace(blocks, tileSide), input);
  const bias = parameters.get(`${key}.bias`, { shape: [outChannels, 1, 1] });
  return builder.add(whole, bias, key);
}
