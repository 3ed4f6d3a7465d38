/**
 * What drawing with a diffusion model takes, told before it starts, and how it is done in the memory that there is. The
 * same plan is what an estimate tells and what the drawing follows.
 */
import type { DiffusionSettings, MemorySaving, Refusal } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { Size } from '../image/bounds.ts';
import type { NetworkNeeds } from '../models/network-loader.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { formatGigabytes } from '../runtime/memory.ts';
import { distinctNetworks, type OpenedControl } from './controls.ts';
import { latentPixelSide } from './working-size.ts';

export interface Drawing {
  readonly settings: Pick<DiffusionSettings, 'guidanceScale' | 'clipSkip' | 'refiner'>;
  /** What draws the last of the steps. */
  readonly refiner?: StableDiffusionModel;
  /** Of the image; multiples of 8. */
  readonly size: Size;
  readonly count: number;
  /** Calls of the network for one picture. */
  readonly steps: number;
  /** Whether the network is shown a picture, which has to be encoded. */
  readonly isShownPicture: boolean;
  readonly controls: readonly PlannedControl[];
}

/** A ControlNet, and the share of the steps that it takes part in. */
export type PlannedControl = Pick<OpenedControl, 'network' | 'settings'>;

export interface DrawingPlan {
  /** What is done to need less memory, in the order in which it is thought of; nothing where all fits. */
  readonly savings: readonly MemorySaving[];
  /** That the network is given. */
  readonly samplesAtOnce: number;
  /** Most that the networks and their work take at a time. */
  readonly memoryBytes: number;
  /** What they may take. */
  readonly availableBytes: number;
  readonly durationMs: number;
  /** Why it cannot be done, whatever is saved. */
  readonly refusal?: Refusal;
}

/** The savings that make the same picture, from what costs nothing to what costs time. */
const choices: readonly (readonly MemorySaving[])[] = [
  [],
  ['sequential-guidance'],
  ['sequential-loading'],
  ['sequential-guidance', 'sequential-loading'],
];

export function planDrawing(model: StableDiffusionModel, drawing: Drawing): DrawingPlan {
  const { budgetBytes: availableBytes } = model;
  const isGuided = model.samplesAtOnce(drawing.settings.guidanceScale > 1) > 1;
  const ways = choices
    .filter((savings) => isGuided || !savings.includes('sequential-guidance'))
    .map((savings) => waySaving(model, drawing, savings));
  const fitting = ways.find(({ memoryBytes }) => memoryBytes <= availableBytes);
  if (fitting !== undefined) return { ...fitting, availableBytes };
  const smallest = ways.at(-1)!;
  return { ...smallest, availableBytes, refusal: refusalOf(model, drawing, smallest.memoryBytes) };
}

/** Throws `out-of-memory` where the plan is that it cannot be done. */
export function requireFit({ refusal }: DrawingPlan): void {
  if (refusal === undefined) return;
  throw new EngineError('out-of-memory', refusal.message, { hint: refusal.hint });
}

type Way = Omit<DrawingPlan, 'availableBytes' | 'refusal'>;

function waySaving(model: StableDiffusionModel, drawing: Drawing, savings: readonly MemorySaving[]): Way {
  const { settings, size, count, steps, isShownPicture, controls, refiner } = drawing;
  const samples = model.samplesAtOnce(settings.guidanceScale > 1);
  const isInTurn = savings.includes('sequential-guidance');
  const painters = [model, ...(refiner === undefined ? [] : [refiner])];
  const texts = painters.flatMap((painter) => painter.textEncoderNeeds(settings.clipSkip));
  const samplesAtOnce = isInTurn ? 1 : samples;
  const work = { size, batch: samplesAtOnce, isControlled: controls.length > 0 };
  const unet = model.unetNeeds(work);
  const refining = refiner?.unetNeeds({ size, batch: samplesAtOnce });
  const decoder = model.autoencoderNeeds('decoder', size);
  const encoder = isShownPicture ? model.autoencoderNeeds('encoder', size) : undefined;
  // Those of one step are there together, whatever is saved.
  const stages = [
    ...distinctNetworks(controls).map((network) => [network.imageNeeds(size)]),
    ...texts.map((text) => [text]),
    ...(encoder === undefined ? [] : [[encoder]]),
    [unet, ...distinctNetworks(controls).map((network) => network.needs(work))],
    ...(refining === undefined ? [] : [[refining]]),
    [decoder],
  ];
  const isTiled = decoder.tiles > 1 || (encoder?.tiles ?? 1) > 1;
  const loadMs = stages.flat().reduce((sum, network) => sum + network.loadMs, 0);
  const textMs = texts.reduce((sum, { runMs }) => sum + runMs, 0);
  const { ratio } = settings.refiner ?? { ratio: 1 };
  const stepMs = controls.reduce(
    (sum, { network, settings: { start, end } }) => sum + (end - start) * network.needs(work).runMs,
    refining === undefined ? unet.runMs : ratio * unet.runMs + (1 - ratio) * refining.runMs,
  );
  const imagesMs = controls.reduce((sum, { network }) => sum + network.imageNeeds(size).runMs, 0);
  const stepsMs = (steps * stepMs * samples) / samplesAtOnce;
  const codingMs =
    decoder.runMs * decoder.tiles + (encoder === undefined ? 0 : encoder.runMs * encoder.tiles);
  return {
    samplesAtOnce,
    savings: isTiled ? [...savings, 'tiled-vae'] : savings,
    memoryBytes: Math.round(
      savings.includes('sequential-loading')
        ? Math.max(...stages.map(togetherBytes))
        : togetherBytes(stages.flat()),
    ),
    durationMs: Math.round(loadMs + imagesMs + textMs * samples + count * (stepsMs + codingMs)),
  };
}

/** Each is loaded beside those before it, and all stay. */
function togetherBytes(networks: readonly NetworkNeeds[]): number {
  let held = 0;
  let most = 0;
  for (const { weightBytes, loadBytes } of networks) {
    most = Math.max(most, held + loadBytes);
    held += weightBytes;
  }
  return Math.max(most, held + Math.max(...networks.map(({ workBytes }) => workBytes)));
}

/** Smaller sizes that are looked at for one that fits, as shares of a side. */
const smallerShares = [3 / 4, 1 / 2, 3 / 8, 1 / 4] as const;

function refusalOf(model: StableDiffusionModel, drawing: Drawing, memoryBytes: number): Refusal {
  const { budgetBytes } = model;
  const { width, height } = drawing.size;
  const savings: readonly MemorySaving[] = ['sequential-guidance', 'sequential-loading'];
  const smaller = smallerShares
    .map((share) => ({ width: scaled(width, share), height: scaled(height, share) }))
    .find((size) => waySaving(model, { ...drawing, size }, savings).memoryBytes <= budgetBytes);
  return {
    message:
      `Expected ${formatGigabytes(memoryBytes)} of memory for drawing ${width} x ${height} px with ${model.title}, ` +
      `found ${formatGigabytes(budgetBytes)} free.`,
    hint:
      smaller === undefined
        ? 'Close other programs, or use a smaller model: this one needs about as much for a small picture.'
        : `Draw at ${smaller.width} x ${smaller.height} px at most, or close other programs.`,
  };
}

function scaled(side: number, share: number): number {
  return Math.max(1, Math.floor((side * share) / latentPixelSide)) * latentPixelSide;
}
