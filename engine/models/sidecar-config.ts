/** The `.yaml` of a file's name beside it, as Stable Diffusion 2.x and ControlNet 1.1 came with one: what no shape tells. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { AttentionConfig } from '../weights/safetensors.ts';
import type { PredictionType } from './model-spec.ts';

/** Those of published checkpoints have two kilobytes. */
export const maxConfigBytes = 64 * 1024;

const parameterizations: Readonly<Record<string, PredictionType>> = {
  v: 'v_prediction',
  eps: 'epsilon',
  x0: 'sample',
};

/** The lines of it that matter here; the rest describes the network, which the weights do better. */
const parameterization = /^\s*parameterization:\s*["']?(v|eps|x0)["']?\s*(?:#.*)?$/m;
/** Of the UNet, the only network that it says this of. Another number, such as -1, means that the other key counts. */
const headCount = /^\s*num_heads:\s*([1-9]\d{0,3})\s*(?:#.*)?$/m;
const headWidth = /^\s*num_head_channels:\s*([1-9]\d{0,3})\s*(?:#.*)?$/m;
/** Of a ControlNet. */
const averagePooling = /^\s*global_average_pooling:\s*(true|false)\s*(?:#.*)?$/im;

export interface SidecarConfig {
  readonly predictionType?: PredictionType;
  readonly attention?: AttentionConfig;
  /** Of a ControlNet: whether the mean of each residual's channels stands for it. */
  readonly poolsResiduals?: boolean;
}

/** Empty where there is no such file, or it does not say. */
export async function readSidecarConfig(weightsFile: string): Promise<SidecarConfig> {
  const text = await readSidecar(weightsFile);
  const [, named] = parameterization.exec(text) ?? [];
  const predictionType = named === undefined ? undefined : parameterizations[named];
  const [, heads] = headCount.exec(text) ?? [];
  const [, width] = headWidth.exec(text) ?? [];
  const [, pooling] = averagePooling.exec(text) ?? [];
  // As in the original code, where a width goes before a number.
  const attention =
    width !== undefined
      ? { unetHeadWidth: Number(width) }
      : heads !== undefined
        ? { unetHeads: [Number(heads)] }
        : undefined;
  return {
    ...(predictionType !== undefined && { predictionType }),
    ...(attention !== undefined && { attention }),
    ...(pooling !== undefined && { poolsResiduals: pooling.toLowerCase() === 'true' }),
  };
}

async function readSidecar(weightsFile: string): Promise<string> {
  const { dir, name } = path.parse(weightsFile);
  const handle = await open(path.join(dir, `${name}.yaml`), 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxConfigBytes), 0, maxConfigBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    // A folder of that name, or a file that may not be read: it says nothing.
    return '';
  } finally {
    await handle.close();
  }
}
