/**
 * Models that were distilled to draw in a few steps, and what they were distilled for. Their tensors are those of any other, so
 * what a file is called, and what it says of itself, has to tell. All of it is proposed: a request may say otherwise.
 */
import type { DrawingDefaults, PredictionType } from '../api.ts';

/** What a file is called, and says it is. */
export interface FewStepNames {
  readonly texts: readonly string[];
  /** Whether its UNet is told how strongly the prompt guides, which only consistency models are. */
  readonly isToldGuidance: boolean;
}

export interface FewStepModel {
  readonly defaults: Required<Omit<DrawingDefaults, 'timesteps'>> & Pick<DrawingDefaults, 'timesteps'>;
  /** Where it is not the usual one of its family. */
  readonly predictionType?: PredictionType;
  /** Pixels a side, where it was distilled at others than its family. */
  readonly side?: number;
}

interface Distillation {
  readonly pattern: RegExp;
  /** Where the name does not say another number. */
  readonly steps: number;
  /** `steps` is what its name says, or the usual number. */
  settle(name: string, steps: number): FewStepModel;
}

/** Classifier-free guidance that is none: these models have taken it in. */
const unguided = 1;

function settled(
  scheduler: string,
  numInferenceSteps: number,
  guidanceScale: number = unguided,
): FewStepModel {
  return { defaults: { scheduler, numInferenceSteps, guidanceScale } };
}

function at(timesteps: readonly number[] | undefined, { defaults, ...model }: FewStepModel): FewStepModel {
  return { ...model, defaults: { ...defaults, ...(timesteps !== undefined && { timesteps }) } };
}

/** DMD2's, by how many there are: by LCM's scheduler, but not where that has them. */
const dmd2Timesteps: Readonly<Record<number, readonly number[]>> = { 1: [399], 4: [999, 749, 499, 249] };

/** The most particular first: fine-tunes bear the names of what they were made of. */
const distillations: readonly Distillation[] = [
  {
    // arXiv 2405.14867, and its card.
    pattern: /dmd-?2/i,
    steps: 4,
    settle: (_, steps) => at(dmd2Timesteps[steps], settled('lcm', steps)),
  },
  {
    // arXiv 2404.13686, and its card: those that keep guidance say so; of one step there is a LoRA for all counts of steps, which
    // is for TCD, and a whole network, which begins in the middle of the noise.
    pattern: /hyper[-_ ]?sd/i,
    steps: 4,
    settle: (name, steps) => {
      if (/cfg/i.test(name)) return settled('ddim-trailing', steps, 5);
      if (steps > 1) return settled('ddim-trailing', steps);
      return /unet/i.test(name) ? at([800], settled('lcm', steps)) : settled('tcd', steps);
    },
  },
  {
    // arXiv 2312.04005, and the cards of koala-lightning-700m and -1b: smaller ones that still need guidance.
    pattern: /koala.*lightning/i,
    steps: 10,
    settle: (_, steps) => settled('euler-trailing', steps, 3.5),
  },
  {
    // arXiv 2402.13929, and its card. The file for one step predicts the picture itself.
    pattern: /lightning/i,
    steps: 4,
    settle: (_, steps) => ({
      ...settled('euler-trailing', steps),
      ...(steps === 1 && { predictionType: 'sample' }),
    }),
  },
  {
    // arXiv 2402.19159
    pattern: /(?:^|[^a-z])tcd(?:[^a-z]|$)/i,
    steps: 4,
    settle: (_, steps) => settled('tcd', steps),
  },
  {
    // arXiv 2311.05556, and the cards of lcm-lora-sdxl, lcm-lora-ssd-1b and Segmind-VegaRT.
    pattern: /(?:^|[^a-z])lcm(?:[^a-z]|$)|latent[-_ ]consistency|vega[-_ ]?rt/i,
    steps: 4,
    settle: (_, steps) => settled('lcm', steps),
  },
  {
    // arXiv 2311.17042: sd_xl_turbo_1.0, sdxl-turbo, sd-turbo. Their cards: 1 to 4 steps, at 512 px.
    pattern: /(?:^|[^a-z])sd(?:[-_ ]?xl)?[-_ ]?turbo/i,
    steps: 4,
    settle: (_, steps) => ({ ...settled('euler-ancestral-trailing', steps), side: 512 }),
  },
  {
    // Mixed with one of those, which leaves some need of steps and guidance: what their authors advise.
    pattern: /turbo/i,
    steps: 8,
    settle: (_, steps) => settled('dpmpp-sde-karras', steps, 2),
  },
];

/** As `4step`, `8-steps` and `2_step` in a name. */
const stepCount = /(?:^|[^0-9])([1-9]|1[0-6])[-_ ]?steps?(?:[^a-z]|$)/i;

/** Guidance of a whole consistency model (arXiv 2310.04378; LCM_Dreamshaper_v7, lcm-sdxl, lcm-ssd-1b), which is told it. */
const toldGuidance = 8;

/** Undefined of all other models. */
export function fewStepModel({ texts, isToldGuidance }: FewStepNames): FewStepModel | undefined {
  if (isToldGuidance) return settled('lcm', 4, toldGuidance);
  for (const { pattern, steps, settle } of distillations) {
    const name = texts.find((text) => pattern.test(text));
    if (name === undefined) continue;
    const [, said] = stepCount.exec(name) ?? [];
    return settle(name, said === undefined ? steps : Number(said));
  }
  return undefined;
}
