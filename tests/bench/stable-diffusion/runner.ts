/**
 * Our side of the benchmark, in a process of its own, asked as the peers are: a line read is `load` with a checkpoint,
 * `step` with a side in pixels and a batch, or `decode` with a side; a line written is the seconds taken, the CPU seconds
 * of all threads, and the most memory used so far in bytes.
 */
import { createInterface } from 'node:readline';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { ModelLibrary } from '../../../engine/models/model-library.ts';
import { StableDiffusionLoader, type StableDiffusionModel } from '../../../engine/models/stable-diffusion.ts';
import type { Conditioning } from '../../../engine/models/stable-diffusion-unet.ts';
import { encodePrompts } from '../../../engine/pipelines/guidance.ts';
import { openCheckpointModel } from '../../../engine/pipelines/open-diffusion-model.ts';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';

const { signal } = new AbortController();
const noise = new TorchCpuGenerator(0);
const loaded = new LoadedModels();
const loader = new StableDiffusionLoader(() => 'cpu', loaded);
const models = new ModelLibrary([]);
let model: StableDiffusionModel;
let conditioning: Conditioning;

/** Text is encoded and the UNet is loaded: what comes before a first step. */
async function load(checkpoint: string): Promise<void> {
  const engine = { models, diffusion: loader };
  model = await openCheckpointModel({ model: { file: checkpoint }, predictionType: 'epsilon' }, engine);
  const prompts = {
    prompt: 'a red house by the sea',
    negativePrompt: '',
    guidanceScale: 1,
    numInferenceSteps: 1,
    clipSkip: 1,
  };
  const size = { width: 64, height: 64 };
  conditioning = (await encodePrompts(model, prompts, { models, size, signal }))(1).positive;
  await model.useUNet({ size, batch: 1 }, async () => undefined);
}

async function step(side: number, batch: number): Promise<void> {
  const sample = drawLatent(side);
  const inputs = Array.from({ length: batch }, () => ({ sample, conditioning }));
  const work = { size: { width: side, height: side }, batch };
  checkFinite(await model.useUNet(work, (unet) => unet.predict(inputs, { timestep: 500, signal })));
}

async function decode(side: number): Promise<void> {
  checkFinite((await model.decode(drawLatent(side), { signal })).data);
}

function drawLatent(side: number) {
  const shape = model.latentShape({ width: side, height: side });
  return { shape, data: noise.normal(shape.reduce((product, size) => product * size)) };
}

function checkFinite(values: Float32Array): void {
  if (!values.every(Number.isFinite)) throw new Error('Expected finite numbers');
}

console.log('ready');
for await (const line of createInterface(process.stdin)) {
  const [what, ...fields] = line.split('\t');
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  if (what === 'load') await load(fields[0]!);
  else if (what === 'step') await step(Number(fields[0]), Number(fields[1]));
  else await decode(Number(fields[0]));
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log([seconds, (user + system) / 1e6, process.resourceUsage().maxRSS * 1024].join('\t'));
}
await loaded.unloadAll();
