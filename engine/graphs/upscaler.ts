/** The door to all upscaling networks: what a weights file is, and the graph for it. */
import { EngineError } from '../errors.ts';
import { multiplyAddsPerPixel, type RecordedGraph } from '../onnx/graph-recorder.ts';
import { cutIntoStages, type GraphStage, type StageOptions } from '../onnx/graph-stage.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { buildRRDBNet, detectRRDBNetConfig } from './rrdbnet.ts';
import { buildSRVGGNetCompact, detectSRVGGNetCompactConfig } from './srvgg-net-compact.ts';
import { namedKeys } from './tensor-layout.ts';

export interface Upscaler {
  readonly architecture: 'RRDBNet' | 'SRVGGNetCompact';
  /** Output pixels for each input pixel, along one side. */
  readonly scale: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Width and height of what is fed must be multiples of this. */
  readonly sizeMultiple: number;
  /** Work for each input pixel. */
  readonly multiplyAddsPerPixel: number;
}

/** Whether a file has an upscaler's key names. Throws `tensor-mismatch` where it has, but does not fit. */
export function looksLikeUpscaler(checkpoint: Checkpoint): boolean {
  return (
    detectRRDBNetConfig(checkpoint) !== undefined || detectSRVGGNetCompactConfig(checkpoint) !== undefined
  );
}

/**
 * What a weights file is, from its header alone. Throws `unsupported-architecture` where it is no upscaler that we know
 * or one that cannot be run, and `tensor-mismatch` where it looks like one but does not fit.
 */
export function detectUpscaler(checkpoint: Checkpoint): Upscaler {
  return recordUpscaler(checkpoint).upscaler;
}

/**
 * The network of a weights file as stages to run in order; values flow between them by name. The first takes `image`,
 * float32 [N, C, H, W] in [0, 1]; the last gives `upscaled` [N, C, H * scale, W * scale], not clamped. Sessions for
 * them are opened with the folder of `checkpoint.file` as weights folder. Throws what `detectUpscaler` throws.
 */
export function emitUpscaler(checkpoint: Checkpoint, options: StageOptions = {}): readonly GraphStage[] {
  return cutIntoStages(recordUpscaler(checkpoint).graph, options);
}

function recordUpscaler(checkpoint: Checkpoint): {
  readonly upscaler: Upscaler;
  readonly graph: RecordedGraph;
} {
  const rrdbnet = detectRRDBNetConfig(checkpoint);
  if (rrdbnet !== undefined) {
    const { scale, channels, unshuffle } = rrdbnet;
    const graph = buildRRDBNet(checkpoint, rrdbnet);
    return describe(graph, { architecture: 'RRDBNet', scale, channels, sizeMultiple: unshuffle });
  }
  const compact = detectSRVGGNetCompactConfig(checkpoint);
  if (compact !== undefined) {
    const { scale, channels } = compact;
    const graph = buildSRVGGNetCompact(checkpoint, compact);
    return describe(graph, { architecture: 'SRVGGNetCompact', scale, channels, sizeMultiple: 1 });
  }
  throw new EngineError(
    'unsupported-architecture',
    `Expected an upscaler (RRDBNet or SRVGGNetCompact) in ${checkpoint.file}, received ${namedKeys(checkpoint)}.`,
  );
}

function describe(
  graph: RecordedGraph,
  {
    channels,
    ...rest
  }: Pick<Upscaler, 'architecture' | 'scale' | 'sizeMultiple'> & { readonly channels: number },
): { readonly upscaler: Upscaler; readonly graph: RecordedGraph } {
  const upscaler = {
    ...rest,
    inputChannels: channels,
    outputChannels: channels,
    multiplyAddsPerPixel: multiplyAddsPerPixel(graph),
  };
  return { upscaler, graph };
}
