import { elementsPerPixel, type Value } from './graph-recorder.ts';
import { type Dimension, dimensionFactor, type Shape, sameShape, scaleDimension } from './shape.ts';
import { checkDtype, describe, TensorOperations } from './tensor-operations.ts';

export interface ConvOptions {
  readonly bias?: Value;
  readonly stride?: number;
  /** Zeros added on each of the four sides, or at the start (left and top) and at the end (right and bottom). */
  readonly padding?: number | { readonly start: number; readonly end: number };
  readonly groups?: number;
  /** The result's name; without one, the weight's without `.weight`. */
  readonly name?: string;
}

/** Output pixel i is input pixel floor(i / factor), as in PyTorch's `interpolate(mode='nearest')`. */
const nearestAttributes = {
  mode: { string: 'nearest' },
  coordinate_transformation_mode: { string: 'asymmetric' },
  nearest_mode: { string: 'floor' },
} as const;

export interface GroupNormalizationOptions {
  readonly groups: number;
  readonly scale: Value;
  readonly bias: Value;
  readonly epsilon: number;
}

/**
 * A typed way of writing ONNX: each method adds one operation, checks what it is given and returns a handle to the
 * result, so a network that does not fit its weights fails here, by name, and not inside the runtime. Images and
 * features are `[N, C, H, W]`. To add an operation, add one method.
 */
export class GraphBuilder extends TensorOperations {
  /** 2-D convolution. `weight` is `[outChannels, channels / groups, kernelHeight, kernelWidth]`, `bias` `[outChannels]`. */
  conv(input: Value, weight: Value, options: ConvOptions = {}): Value {
    const {
      bias,
      stride = 1,
      padding = 0,
      groups = 1,
      name = weight.name.replace(/\.weight$/, ''),
    } = options;
    const { start, end } = typeof padding === 'number' ? { start: padding, end: padding } : padding;
    const what = `conv \`${name}\``;
    checkDtype(what, input, weight, ...(bias === undefined ? [] : [bias]));
    const [batch, channels, height, width] = imageShape(what, input);
    if (weight.shape.length !== 4 || !weight.shape.every((dimension) => typeof dimension === 'number')) {
      throw new Error(`Expected a weight of four known dimensions for ${what}, received ${describe(weight)}`);
    }
    const [outChannels, groupChannels, kernelHeight, kernelWidth] = weight.shape as number[];
    if (groupChannels * groups !== channels || outChannels % groups !== 0) {
      throw new Error(
        `Expected ${groupChannels * groups} input channels (${groups} groups) for ${what}, received ${describe(input)}`,
      );
    }
    if (bias !== undefined && !sameShape(bias.shape, [outChannels])) {
      throw new Error(`Expected a bias of [${outChannels}] for ${what}, received ${describe(bias)}`);
    }
    const shape = [
      batch,
      outChannels,
      convolvedDimension(what, height, { kernel: kernelHeight, stride, padding: start + end }),
      convolvedDimension(what, width, { kernel: kernelWidth, stride, padding: start + end }),
    ];
    return this.node('Conv', [input, weight, bias], {
      dtype: input.dtype,
      shape,
      name,
      attributes: {
        kernel_shape: { ints: [kernelHeight, kernelWidth] },
        strides: { ints: [stride, stride] },
        pads: { ints: [start, start, end, end] },
        group: { int: groups },
      },
      multiplyAddsPerPixel: elementsPerPixel(shape) * groupChannels * kernelHeight * kernelWidth,
      // Of a symbolic height the factor says how many rows there are to one of the network's input.
      reachPixels: Math.max(start, end) / (typeof height === 'number' ? 1 : dimensionFactor(height)),
    });
  }

  /** Enlarges height and width by a whole factor, each pixel becoming a block of equal ones. */
  resizeNearest(input: Value, factor: number): Value {
    const [batch, channels, height, width] = imageShape('resizeNearest', input);
    const scales = this.constant(this.freshName('scales'), [4], [1, 1, factor, factor]);
    return this.node('Resize', [input, undefined, scales], {
      dtype: input.dtype,
      shape: [batch, channels, scaleDimension(height, factor), scaleDimension(width, factor)],
      attributes: nearestAttributes,
    });
  }

  /** Enlarges height and width to those of `like`, so that a size halved with rounding up comes back as it was. */
  resizeNearestLike(input: Value, like: Value): Value {
    const [batch, channels] = imageShape('resizeNearestLike', input);
    const [, , height, width] = imageShape('resizeNearestLike', like);
    const sizes = this.concat([this.sizes(input, 0, 2), this.sizes(like, 2, 4)], 0);
    return this.node('Resize', [input, undefined, undefined, sizes], {
      dtype: input.dtype,
      shape: [batch, channels, height, width],
      attributes: nearestAttributes,
    });
  }

  /**
   * Group normalisation (arXiv 1803.08494) of `[N, C, H, W]`: the channels in `groups` of equal size, each less its mean
   * and over its deviation, times `scale` plus `bias`, both `[C, 1, 1]`. Instance normalisation of the groups, since
   * providers have that as a kernel and take ONNX's own operator apart.
   */
  groupNormalization(input: Value, { groups, scale, bias, epsilon }: GroupNormalizationOptions): Value {
    const [batch, channels] = imageShape('groupNormalization', input);
    if (
      typeof channels !== 'number' ||
      channels % groups !== 0 ||
      !sameShape(scale.shape, [channels, 1, 1])
    ) {
      throw new Error(`Expected channels in ${groups} groups, received ${describe(input, scale)}`);
    }
    const grouped = this.reshape(input, [0, groups, -1], { shape: [batch, groups, 'groupElements'] });
    const normalised = this.node('InstanceNormalization', [grouped, ...this.#unitAffine(groups)], {
      dtype: input.dtype,
      shape: grouped.shape,
      attributes: { epsilon: { float: epsilon } },
    });
    const restored = this.reshape(normalised, this.sizes(input, 0, 4), { shape: input.shape });
    return this.add(this.mul(restored, scale), bias);
  }

  /** Each channel's mean over the image: `[N, C, 1, 1]`. */
  globalAverage(input: Value): Value {
    const [batch, channels] = imageShape('globalAverage', input);
    const shape = [batch, channels, 1, 1];
    return this.node('GlobalAveragePool', [input], { dtype: input.dtype, shape });
  }

  /** `[N, C * r^2, H, W]` to `[N, C, H * r, W * r]`, in the channel order of PyTorch's `pixel_shuffle`. */
  pixelShuffle(input: Value, factor: number): Value {
    return this.#enlargeByChannels('pixelShuffle', input, { factor, mode: 'CRD' });
  }

  /**
   * `[N, r^2 * C, H, W]` to `[N, C, H * r, W * r]`: where `pixelShuffle` has a block's pixels as neighbouring channels, here
   * each r^2th of the channels is one pixel of all blocks.
   */
  depthToSpace(input: Value, factor: number): Value {
    return this.#enlargeByChannels('depthToSpace', input, { factor, mode: 'DCR' });
  }

  /** The upper left part of `[N, C, H, W]`, as high and wide as `like`. */
  cropTo(input: Value, like: Value): Value {
    const [batch, channels] = imageShape('cropTo', input);
    const [, , height, width] = imageShape('cropTo', like);
    const bounds = [this.integers([0, 0]), this.sizes(like, 2, 4), this.integers([2, 3])];
    return this.node('Slice', [input, ...bounds], {
      dtype: input.dtype,
      shape: [batch, channels, height, width],
    });
  }

  /**
   * `[N, C, H * r, W * r]` to `[N, C * r^2, H, W]`, in the channel order of PyTorch's `pixel_unshuffle`. Done as a
   * depthwise convolution with one-hot kernels: ONNX's `SpaceToDepth` has another channel order and fewer providers.
   */
  pixelUnshuffle(input: Value, factor: number): Value {
    const [, channels] = imageShape('pixelUnshuffle', input);
    if (typeof channels !== 'number') {
      throw new Error(`Expected a known number of channels for pixelUnshuffle, received ${describe(input)}`);
    }
    const blockSize = factor ** 2;
    const oneHot = Array.from({ length: channels * blockSize * blockSize }, (_, index) =>
      Math.floor(index / blockSize) % blockSize === index % blockSize ? 1 : 0,
    );
    const name = this.freshName('pixelunshuffle');
    const weight = this.constant(`${name}.weight`, [channels * blockSize, 1, factor, factor], oneHot);
    return this.conv(input, weight, { stride: factor, groups: channels });
  }

  #enlargeByChannels(
    what: string,
    input: Value,
    { factor, mode }: { readonly factor: number; readonly mode: 'CRD' | 'DCR' },
  ): Value {
    const [batch, channels, height, width] = imageShape(what, input);
    if (typeof channels !== 'number' || channels % factor ** 2 !== 0) {
      throw new Error(
        `Expected channels to divide by ${factor ** 2} for ${what}, received ${describe(input)}`,
      );
    }
    return this.node('DepthToSpace', [input], {
      dtype: input.dtype,
      shape: [batch, channels / factor ** 2, scaleDimension(height, factor), scaleDimension(width, factor)],
      attributes: { blocksize: { int: factor }, mode: { string: mode } },
    });
  }

  readonly #unitAffines = new Map<number, readonly [Value, Value]>();

  /** A scale of ones and a bias of zeros. */
  #unitAffine(size: number): readonly [Value, Value] {
    const known = this.#unitAffines.get(size);
    if (known !== undefined) return known;
    const of = (name: string, value: number) =>
      this.constant(
        `${name}_${size}`,
        [size],
        Array.from({ length: size }, () => value),
      );
    const affine = [of('ones', 1), of('zeros', 0)] as const;
    this.#unitAffines.set(size, affine);
    return affine;
  }
}

function imageShape(what: string, { shape, ...input }: Value): Shape {
  if (shape.length !== 4) {
    throw new Error(`Expected [N, C, H, W] for ${what}, received ${describe({ shape, ...input })}`);
  }
  return shape;
}

/** Output size of a convolution: floor((size + padding - kernel) / stride) + 1, padding being that of both ends. */
function convolvedDimension(
  what: string,
  size: Dimension,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
): Dimension {
  const surplus = Math.floor((padding - kernel) / stride) + 1;
  if (typeof size === 'number') {
    const convolved = Math.floor((size + padding - kernel) / stride) + 1;
    if (convolved < 1)
      throw new Error(`Expected at least ${kernel - padding} pixels for ${what}, received ${size}`);
    return convolved;
  }
  // A symbol counts in multiples of the stride, so the floor acts on the constant part alone.
  if (surplus !== 0) {
    throw new Error(
      `Expected kernel ${kernel}, stride ${stride} and padding ${padding} of ${what} to keep the symbolic size ${size}` +
        ` or to divide it by the stride; they add ${surplus}`,
    );
  }
  return scaleDimension(size, 1, stride);
}
