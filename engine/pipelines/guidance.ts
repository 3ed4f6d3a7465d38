/** Prompts as what the UNet is shown of them, step by step. */
import type { DiffusionSettings } from '../api.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import type { Conditioning } from '../models/stable-diffusion-unet.ts';
import { applyWeights } from '../text/apply-weights.ts';
import { ClipTokenizer } from '../text/clip-tokenizer.ts';
import { type PromptWindow, promptWindows, windowLength } from '../text/prompt.ts';
import { promptAtSteps } from '../text/prompt-schedule.ts';
import { type TokenVectorOptions, tokenVectors } from '../text/textual-inversion.ts';
import { requireFinite } from './finite-numbers.ts';
import type { Guidance } from './guided-prediction.ts';
import { installedEmbeddings, readEmbeddings } from './prompt-embeddings.ts';

type Prompts = Pick<
  DiffusionSettings,
  'prompt' | 'negativePrompt' | 'guidanceScale' | 'numInferenceSteps' | 'clipSkip'
>;

interface Entry {
  readonly untilStep: number;
  readonly windows: readonly PromptWindow[];
}

export interface GuidanceOptions {
  /** Where embeddings are that a prompt names. */
  readonly models: ModelLibrary;
  readonly signal: AbortSignal;
}

/**
 * What prompt and negative prompt say at each step (from 1). All of them are made as long as the longest, with empty windows.
 * Without guidance, and of a model that is told how strong it is, the negative prompt is left out. Throws `invalid-option` for a prompt that is too long, and for one with an
 * embedding that was made for another text encoder.
 */
export async function encodePrompts(
  model: StableDiffusionModel,
  { prompt, negativePrompt, guidanceScale, numInferenceSteps, clipSkip }: Prompts,
  { models, signal }: GuidanceOptions,
): Promise<(step: number) => Guidance> {
  const tokenizer = new ClipTokenizer();
  const options = {
    tokenizer,
    embeddingNames: await installedEmbeddings(models),
    padTokenId: model.padTokenId,
  };
  const schedule = (text: string): Entry[] =>
    promptAtSteps(text, numInferenceSteps).map((entry) => ({
      untilStep: entry.untilStep,
      windows: promptWindows(entry.prompt, options),
    }));
  const positives = schedule(prompt);
  const negatives = guidanceScale > 1 && !model.isToldGuidance ? schedule(negativePrompt) : undefined;
  const count = Math.max(...[...positives, ...(negatives ?? [])].map(({ windows }) => windows.length));
  const [empty] = promptWindows('', options);
  const width = model.textWidth;
  const named = [...positives, ...(negatives ?? [])]
    .flatMap(({ windows }) => windows)
    .flatMap(({ embeddings }) => embeddings.map(({ name }) => name));
  const embeddings = { dim: width, vectors: await readEmbeddings(named, { models, width }) };

  const encode = async (
    entries: readonly Entry[],
  ): Promise<{ untilStep: number; conditioning: Conditioning }[]> => {
    const encoded = [];
    for (const { untilStep, windows } of entries) {
      const padded = [...windows, ...new Array<PromptWindow>(count - windows.length).fill(empty!)];
      encoded.push({
        untilStep,
        conditioning: await encodeWindows(model, padded, { clipSkip, embeddings, signal }),
      });
    }
    return encoded;
  };
  const positive = await encode(positives);
  const negative = negatives === undefined ? undefined : await encode(negatives);
  const at = (entries: typeof positive, step: number) =>
    entries.find(({ untilStep }) => step <= untilStep)!.conditioning;
  return (step) => ({
    positive: at(positive, step),
    ...(negative !== undefined && { negative: at(negative, step) }),
  });
}

interface EncodeOptions {
  readonly clipSkip: number;
  readonly embeddings: TokenVectorOptions;
  readonly signal: AbortSignal;
}

async function encodeWindows(
  model: StableDiffusionModel,
  windows: readonly PromptWindow[],
  { clipSkip, embeddings, signal }: EncodeOptions,
): Promise<Conditioning> {
  const ids = Int32Array.from(windows.flatMap((window) => [...window.ids]));
  const weights = Float32Array.from(windows.flatMap((window) => [...window.weights]));
  const states = await model.encodeText(ids, { clipSkip, own: tokenVectors(windows, embeddings), signal });
  requireFinite(states, { network: 'text encoder' });
  applyWeights(states, weights, { dim: embeddings.dim, renormalise: 'a1111-mean' });
  return { tokens: windows.length * windowLength, states };
}
