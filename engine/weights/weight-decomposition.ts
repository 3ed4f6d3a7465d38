/** Weight-decomposed adaptation (DoRA, arXiv 2402.09353): a changed weight's direction, at lengths that were learnt. */
import type { LoraChange } from './lora-change.ts';
import type { Matrix } from './matrix.ts';

export interface DecompositionOptions extends Required<Pick<LoraChange, 'magnitude' | 'kernelPixels'>> {
  /** What is changed, as large as what is added to it. */
  readonly weight: Float32Array;
}

/** What is to be added to the weight W so that it is m (W + added) / |W + added|, with lengths over rows or input channels. */
export function decomposed(
  { rows, columns, data: added }: Matrix,
  { weight, magnitude, kernelPixels }: DecompositionOptions,
): Matrix {
  const { values, of } = magnitude;
  const group = (index: number) =>
    of === 'rows' ? Math.floor(index / columns) : Math.floor((index % columns) / kernelPixels);
  const squares = new Float64Array(values.length);
  for (let index = 0; index < added.length; index++) {
    squares[group(index)]! += (weight[index]! + added[index]!) ** 2;
  }
  const factors = squares.map((square, index) => values[index]! / Math.max(Math.sqrt(square), tiny));
  const data = new Float32Array(added.length);
  for (let index = 0; index < added.length; index++) {
    const original = weight[index]!;
    data[index] = (original + added[index]!) * factors[group(index)]! - original;
  }
  return { rows, columns, data };
}

/** A row of zeros stays one. */
const tiny = 1.1754943508222875e-38;
