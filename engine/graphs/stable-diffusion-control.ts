/** The door to ControlNets: graphs for the networks of a file. */
import { EngineError } from '../errors.ts';
import { cutIntoStages, type GraphStage } from '../onnx/graph-stage.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import {
  buildControlNet,
  buildControlNetHint,
  type ControlNetConfig,
  detectControlNetConfig,
} from './controlnet.ts';
import type { EmitOptions } from './layers.ts';
import { wideTuning } from './stable-diffusion.ts';
import { namedKeys } from './tensor-layout.ts';
import { minWinogradChannels } from './winograd.ts';

/** What the ControlNet of a file is. Throws `tensor-mismatch` or `unsupported-architecture`. */
export function controlNetConfig(checkpoint: Checkpoint): ControlNetConfig {
  const config = detectControlNetConfig(checkpoint);
  if (config !== undefined) return config;
  throw new EngineError(
    'unsupported-architecture',
    `Expected a ControlNet of Stable Diffusion in ${checkpoint.file}, received ${namedKeys(checkpoint)}.`,
  );
}

/** `control` [1, 3, H, W] in 0..1, of a union model with `task` and `condition_scale`, to [1, channels, H / 8, W / 8]. */
export function emitControlNetHint(checkpoint: Checkpoint, options: EmitOptions = {}): readonly GraphStage[] {
  return cutIntoStages(buildControlNetHint(checkpoint, controlNetConfig(checkpoint), options));
}

/** What a UNet is given, `hint`, and of a union model `control_type`, to what the UNet takes as `residual_0` and so on. */
export function emitControlNet(checkpoint: Checkpoint, options: EmitOptions = {}): readonly GraphStage[] {
  const config = controlNetConfig(checkpoint);
  const isWide = config.modelChannels >= minWinogradChannels && options.convolutions === 'winograd';
  return cutIntoStages(buildControlNet(checkpoint, config, options), isWide ? { tuning: wideTuning } : {});
}
