import { open } from 'node:fs/promises';
import path from 'node:path';
import type { PredictionType } from './model-spec.ts';

/** Those of published checkpoints have two kilobytes. */
export const maxConfigBytes = 64 * 1024;

const parameterizations: Readonly<Record<string, PredictionType>> = {
  v: 'v_prediction',
  eps: 'epsilon',
  x0: 'sample',
};

/** The one line of it that matters here; the rest describes the network, which the weights do better. */
const parameterization = /^\s*parameterization:\s*["']?(v|eps|x0)["']?\s*(?:#.*)?$/m;

/**
 * What a checkpoint predicts by the `.yaml` of its name beside it, as Stable Diffusion 2.x came with one. Undefined where
 * there is none or it does not say.
 */
export async function readSidecarPredictionType(weightsFile: string): Promise<PredictionType | undefined> {
  const { dir, name } = path.parse(weightsFile);
  const handle = await open(path.join(dir, `${name}.yaml`), 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxConfigBytes), 0, maxConfigBytes, 0);
    const [, named] = parameterization.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    return named === undefined ? undefined : parameterizations[named];
  } catch {
    // A folder of that name, or a file that may not be read: it says nothing.
    return undefined;
  } finally {
    await handle.close();
  }
}
