import { elementsPerPixel, GraphRecorder, type Value } from './graph-recorder.ts';
import { type Dtype, dataTypeNumber } from './model-proto.ts';
import {
  broadcastShapes,
  type Dimension,
  dimensionFactor,
  formatShape,
  type Shape,
  sameShape,
  scaleDimension,
} from './shape.ts';

export interface ConvOptions {
  readonly bias?: Value;
  readonly stride?: number;
  /** Zeros added on each of the four sides. */
  readonly padding?: number;
  readonly groups?: number;
  /** The result's name; without one, the weight's without `.weight`. */
  readonly name?: string;
}

/**
 * A typed way of writing ONNX: each method adds one operation, checks what it is given and returns a handle to the
 * result, so a network that does not fit its weights fails here, by name, and not inside the runtime. Images and
 * features are `[N, C, H, W]`. To add an operation, add one method.
 */
export class GraphBuilder extends GraphRecorder {
  /** 2-D convolution. `weight` is `[outChannels, channels / groups, kernelHeight, kernelWidth]`, `bias` `[outChannels]`. */
  conv(input: Value, weight: Value, options: ConvOptions = {}): Value {
    const {
      bias,
      stride = 1,
      padding = 0,
      groups = 1,
      name = weight.name.replace(/\.weight$/, ''),
    } = options;
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
      convolvedDimension(what, height, { kernel: kernelHeight, stride, padding }),
      convolvedDimension(what, width, { kernel: kernelWidth, stride, padding }),
    ];
    return this.node('Conv', [input, weight, bias], {
      dtype: input.dtype,
      shape,
      name,
      attributes: {
        kernel_shape: { ints: [kernelHeight, kernelWidth] },
        strides: { ints: [stride, stride] },
        pads: { ints: [padding, padding, padding, padding] },
        group: { int: groups },
      },
      multiplyAddsPerPixel: elementsPerPixel(shape) * groupChannels * kernelHeight * kernelWidth,
      // Of a symbolic height the factor says how many rows there are to one of the network's input.
      reachPixels: typeof height === 'number' ? padding : padding / dimensionFactor(height),
    });
  }

  add(a: Value, b: Value, name?: string): Value {
    return this.#elementwise('Add', a, b, name);
  }

  mul(a: Value, b: Value, name?: string): Value {
    return this.#elementwise('Mul', a, b, name);
  }

  /** x for x >= 0, `negativeSlope` * x below. */
  leakyRelu(input: Value, negativeSlope: number): Value {
    const { dtype, shape } = input;
    return this.node('LeakyRelu', [input], { dtype, shape, attributes: { alpha: { float: negativeSlope } } });
  }

  /** x for x >= 0, `slope` * x below; the slope broadcasts to the input, e.g. `[C, 1, 1]`. */
  prelu(input: Value, slope: Value, name?: string): Value {
    checkDtype('prelu', input, slope);
    const broadcast = broadcastShapes(input.shape, slope.shape);
    if (broadcast === undefined || !sameShape(broadcast, input.shape)) {
      throw new Error(`Expected a slope that fits ${describe(input)} for prelu, received ${describe(slope)}`);
    }
    return this.node('PRelu', [input, slope], { dtype: input.dtype, shape: input.shape, name });
  }

  /** Joins values along `axis`; all other dimensions must be equal. */
  concat(values: readonly Value[], axis: number): Value {
    const [first, ...others] = values;
    checkDtype('concat', first, ...others);
    let joined = 0;
    for (const value of values) {
      const size = value.shape[axis];
      const fits = value.shape.length === first.shape.length;
      if (
        !fits ||
        typeof size !== 'number' ||
        value.shape.some((d, i) => i !== axis && d !== first.shape[i])
      ) {
        throw new Error(
          `Expected shapes that differ on axis ${axis} only for concat, received ${describe(...values)}`,
        );
      }
      joined += size;
    }
    const shape = first.shape.map((dimension, index) => (index === axis ? joined : dimension));
    return this.node('Concat', values, { dtype: first.dtype, shape, attributes: { axis: { int: axis } } });
  }

  /** Enlarges height and width by a whole factor, each pixel becoming a block of equal ones. */
  resizeNearest(input: Value, factor: number): Value {
    const [batch, channels, height, width] = imageShape('resizeNearest', input);
    const scales = this.constant(this.freshName('scales'), [4], [1, 1, factor, factor]);
    return this.node('Resize', [input, undefined, scales], {
      dtype: input.dtype,
      shape: [batch, channels, scaleDimension(height, factor), scaleDimension(width, factor)],
      // Output pixel i is input pixel floor(i / factor), as in PyTorch's `interpolate(mode='nearest')`.
      attributes: {
        mode: { string: 'nearest' },
        coordinate_transformation_mode: { string: 'asymmetric' },
        nearest_mode: { string: 'floor' },
      },
    });
  }

  /** `[N, C * r^2, H, W]` to `[N, C, H * r, W * r]`, in the channel order of PyTorch's `pixel_shuffle`. */
  pixelShuffle(input: Value, factor: number): Value {
    const [batch, channels, height, width] = imageShape('pixelShuffle', input);
    if (typeof channels !== 'number' || channels % factor ** 2 !== 0) {
      throw new Error(
        `Expected channels to divide by ${factor ** 2} for pixelShuffle, received ${describe(input)}`,
      );
    }
    return this.node('DepthToSpace', [input], {
      dtype: input.dtype,
      shape: [batch, channels / factor ** 2, scaleDimension(height, factor), scaleDimension(width, factor)],
      attributes: { blocksize: { int: factor }, mode: { string: 'CRD' } },
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

  /** The same numbers in another type. Of an initializer it is folded when the graph is loaded. */
  cast(input: Value, dtype: Dtype, name?: string): Value {
    const attributes = { to: { int: dataTypeNumber(dtype) } };
    return this.node('Cast', [input], { dtype, shape: input.shape, name, attributes });
  }

  #elementwise(operator: 'Add' | 'Mul', a: Value, b: Value, name?: string): Value {
    checkDtype(operator, a, b);
    const shape = broadcastShapes(a.shape, b.shape);
    if (shape === undefined) {
      throw new Error(`Expected shapes that broadcast for ${operator}, received ${describe(a, b)}`);
    }
    return this.node(operator, [a, b], { dtype: a.dtype, shape, name });
  }
}

function describe(...values: readonly Value[]): string {
  return values.map(({ name, dtype, shape }) => `\`${name}\` ${dtype} ${formatShape(shape)}`).join(' and ');
}

function checkDtype(what: string, first: Value, ...others: readonly Value[]): void {
  if (others.some(({ dtype }) => dtype !== first.dtype)) {
    throw new Error(`Expected one dtype for ${what}, received ${describe(first, ...others)}`);
  }
}

function imageShape(what: string, { shape, ...input }: Value): Shape {
  if (shape.length !== 4) {
    throw new Error(`Expected [N, C, H, W] for ${what}, received ${describe({ shape, ...input })}`);
  }
  return shape;
}

/** Output size of a convolution: floor((size + 2 * padding - kernel) / stride) + 1. */
function convolvedDimension(
  what: string,
  size: Dimension,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
): Dimension {
  const surplus = Math.floor((2 * padding - kernel) / stride) + 1;
  if (typeof size === 'number') {
    const convolved = Math.floor((size + 2 * padding - kernel) / stride) + 1;
    if (convolved < 1)
      throw new Error(`Expected at least ${kernel - 2 * padding} pixels for ${what}, received ${size}`);
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
