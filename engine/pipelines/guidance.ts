/** Prompts as what the UNet is shown of them, step by step. */
import type { DiffusionSettings } from '../api.ts';
import type { Size } from '../image/bounds.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { addedConditioning, baseSizes, refinerSizes } from '../models/size-conditioning.ts';
import type { StableDiffusionModel } from '../models/stable-diffusion.ts';
import { type Conditioning, joined } from '../models/stable-diffusion-unet.ts';
import { applyWeights } from '../text/apply-weights.ts';
import { ClipTokenizer } from '../text/clip-tokenizer.ts';
import { readExtraNetworks } from '../text/extra-networks.ts';
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
  readonly isEmpty: boolean;
}

export interface GuidanceOptions {
  /** Where embeddings are that a prompt names. */
  readonly models: ModelLibrary;
  /** Of what is drawn, which SDXL is told. */
  readonly size: Size;
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
  { models, size, signal }: GuidanceOptions,
): Promise<(step: number) => Guidance> {
  const tokenizer = new ClipTokenizer();
  const options = {
    tokenizer,
    embeddingNames: await installedEmbeddings(models),
    padTokenId: model.textEncoders[0]!.padTokenId,
  };
  const schedule = (text: string): Entry[] =>
    promptAtSteps(text, numInferenceSteps).map((entry) => ({
      untilStep: entry.untilStep,
      windows: promptWindows(entry.prompt, options),
      isEmpty: entry.prompt.trim() === '',
    }));
  const positives = schedule(readExtraNetworks(prompt).text);
  const negatives =
    guidanceScale > 1 && !model.isToldGuidance ? schedule(readExtraNetworks(negativePrompt).text) : undefined;
  const count = Math.max(...[...positives, ...(negatives ?? [])].map(({ windows }) => windows.length));
  const [empty] = promptWindows('', options);
  const named = [...positives, ...(negatives ?? [])]
    .flatMap(({ windows }) => windows)
    .flatMap(({ embeddings }) => embeddings.map(({ name }) => name));
  const widths = model.textEncoders.map(({ width }) => width);
  const embeddings = await readEmbeddings(named, { models, widths });

  const encode = async (
    entries: readonly Entry[],
    isNegative: boolean,
  ): Promise<{ untilStep: number; conditioning: Conditioning }[]> => {
    const encoded = [];
    for (const { untilStep, windows, isEmpty } of entries) {
      const padded = [...windows, ...new Array<PromptWindow>(count - windows.length).fill(empty!)];
      const isNothing = isNegative && isEmpty && model.zeroesEmptyPrompt;
      encoded.push({
        untilStep,
        conditioning: await encodeWindows(model, padded, {
          clipSkip,
          embeddings,
          size,
          isNegative,
          isNothing,
          signal,
        }),
      });
    }
    return encoded;
  };
  const positive = await encode(positives, false);
  const negative = negatives === undefined ? undefined : await encode(negatives, true);
  const at = (entries: typeof positive, step: number) =>
    entries.find(({ untilStep }) => step <= untilStep)!.conditioning;
  return (step) => ({
    positive: at(positive, step),
    ...(negative !== undefined && { negative: at(negative, step) }),
  });
}

interface EncodeOptions {
  readonly clipSkip: number;
  /** For each text encoder. */
  readonly embeddings: readonly TokenVectorOptions[];
  readonly size: Size;
  readonly isNegative: boolean;
  /** Zeros in place of what the text encoders make of it. */
  readonly isNothing: boolean;
  readonly signal: AbortSignal;
}

async function encodeWindows(
  model: StableDiffusionModel,
  windows: readonly PromptWindow[],
  { clipSkip, embeddings, size, isNegative, isNothing, signal }: EncodeOptions,
): Promise<Conditioning> {
  const weights = joined(windows.map((window) => window.weights));
  const all: Float32Array[] = [];
  let pooled: Float32Array | undefined;
  for (const [encoder, own] of embeddings.entries()) {
    const encoded = await model.encodeText(windows, {
      encoder,
      clipSkip,
      own: tokenVectors(windows, own),
      signal,
    });
    requireFinite(encoded.states, { network: 'text encoder' });
    applyWeights(encoded.states, weights, { dim: own.dim, renormalise: 'a1111-mean' });
    all.push(encoded.states);
    pooled ??= encoded.pooled;
  }
  const tokens = windows.length * windowLength;
  const states = sideBySide(all, tokens);
  if (isNothing) {
    states.fill(0);
    pooled?.fill(0);
  }
  if (pooled === undefined) return { tokens, states };
  const isRefiner = model.description.family === 'sdxl-refiner';
  const sizes = isRefiner ? refinerSizes(size, isNegative) : baseSizes(size);
  return { tokens, states, added: addedConditioning(pooled, sizes) };
}

/** What all text encoders make of each token, one after the other: [tokens, width of all]. */
function sideBySide(states: readonly Float32Array[], tokens: number): Float32Array {
  if (states.length === 1) return states[0]!;
  const rows: Float32Array[] = [];
  for (let token = 0; token < tokens; token++) {
    for (const own of states) {
      const width = own.length / tokens;
      rows.push(own.subarray(token * width, (token + 1) * width));
    }
  }
  return joined(rows);
}
