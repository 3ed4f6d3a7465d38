/** How a checkpoint likes to be asked: what its makers and its users recommend, as data. */
import type { ModelFamily, ModelInfo } from '../../engine/api.ts';
import type { PromptHints } from '../protocol/messages.ts';
import { isMini } from '../protocol/mini-model.ts';
import { resolutionOf } from './resolve-diffusion.ts';

type Words = Omit<PromptHints, 'sizes'>;

const familyWords: Readonly<Record<ModelFamily, Words>> = {
  sd1: {
    prompt: 'A plain sentence, or phrases with commas between them; the first ones count most.',
    negativePrompt: 'low quality, blurry, deformed, watermark, text',
  },
  sd2: {
    prompt: 'A plain sentence. It listens to the negative prompt more than Stable Diffusion 1.x does.',
    negativePrompt: 'low quality, worst quality, blurry, deformed, disfigured, watermark, text, cropped',
  },
  sdxl: {
    prompt: 'A sentence that says subject, surroundings, light and medium; it needs few words for quality.',
    negativePrompt: 'low quality, blurry, watermark, text',
  },
  'sdxl-refiner': {
    prompt: 'The prompt of the checkpoint whose picture it finishes.',
  },
};

const miniWords: Words = {
  prompt:
    'Plain words for a house, a sailboat, a balloon, a car, a tree or a cactus, its colour, and where it is: "a red house in the snow at sunset".',
};

/** Fine-tunes that were trained with words of their own, by their names or titles, as their publishers' cards have them. */
const namedWords: readonly { readonly pattern: RegExp; readonly words: Words }[] = [
  {
    // cagliostrolab/animagine-xl-4.0: "1girl/1boy/1other, character name, from which series, rating, everything else in any order
    // and end with quality enhancement".
    pattern: /animagine[\W_]*xl[\W_]*v?[\W_]*(?:opt[\W_]*)?4/i,
    words: {
      prompt: 'Tags with commas between them, in this order, quality at the end.',
      tagOrder: ['1girl, 1boy or 1other', 'character', 'series', 'rating', 'everything else', 'quality'],
      qualityTags: 'masterpiece, high score, great score, absurdres',
      negativePrompt:
        'lowres, bad anatomy, bad hands, text, error, missing finger, extra digits, fewer digits, cropped, worst quality, low quality, low score, bad score, average score, signature, watermark, username, blurry',
    },
  },
  {
    // cagliostrolab/animagine-xl-3.1: "1girl/1boy, character name, from what series, everything else in any order"; its samples end
    // with the quality.
    pattern: /animagine[\W_]*xl/i,
    words: {
      prompt: 'Tags with commas between them, in this order, quality at the end.',
      tagOrder: ['1girl or 1boy', 'character', 'series', 'everything else', 'quality'],
      qualityTags: 'masterpiece, best quality, very aesthetic, absurdres',
      negativePrompt:
        'nsfw, lowres, (bad), text, error, fewer, extra, missing, worst quality, jpeg artifacts, low quality, watermark, unfinished, displeasing, oldest, early, chromatic aberration, signature, extra digits',
    },
  },
  {
    // Pony Diffusion V6 XL: all six, and "designed to not need negative prompts in most cases".
    pattern: /(?:^|[\W_])pony(?:$|[\W_]|diffusion|realism|xl|v6)/i,
    words: {
      prompt:
        'Quality tags, source_… and rating_…, then plain words or tags. Needs no negative prompt as a rule.',
      tagOrder: ['quality', 'source', 'rating', 'everything else'],
      qualityTags: 'score_9, score_8_up, score_7_up, score_6_up, score_5_up, score_4_up',
    },
  },
  {
    // Laxhar/noobai-XL: "<1girl/1boy/1other/...>, <character>, <series>, <artists>, <special tags>, <general tags>" behind its prefix.
    pattern: /noobai/i,
    words: {
      prompt: 'Tags with commas between them, quality at the beginning.',
      tagOrder: [
        'quality',
        'rating',
        '1girl, 1boy or 1other',
        'character',
        'series',
        'artist',
        'everything else',
      ],
      qualityTags: 'masterpiece, best quality, newest, absurdres, highres',
      negativePrompt:
        'nsfw, worst quality, old, early, low quality, lowres, signature, username, logo, bad hands, mutated hands',
    },
  },
  {
    // OnomaAIResearch/Illustrious-xl-early-release-v0: its sample begins with 1girl and ends with the quality.
    pattern: /illustrious/i,
    words: {
      prompt: 'Tags with commas between them, quality at the end.',
      tagOrder: ['1girl or 1boy', 'character', 'series', 'everything else', 'quality'],
      qualityTags: 'best quality, masterpiece',
      negativePrompt:
        'worst quality, comic, multiple views, bad quality, low quality, lowres, displeasing, very displeasing, bad anatomy, bad hands, scan artifacts, monochrome, greyscale, twitter username, jpeg artifacts, extra digits, fewer digits',
    },
  },
];

/** SDXL was trained at these and the same upright (arXiv 2307.01952, appendix I; those up to 8:3). */
const sdxlSizes: readonly (readonly [number, number])[] = [
  [1024, 1024],
  [1088, 896],
  [1152, 896],
  [1216, 832],
  [1280, 768],
  [1344, 768],
  [1536, 640],
];

/** Of a usable checkpoint; nothing is known of any other model. */
export function promptHints(model: ModelInfo): PromptHints | undefined {
  if (model.kind !== 'checkpoint' || model.problem !== undefined) return undefined;
  return { ...wordsFor(model), sizes: sizesOf(model) };
}

function wordsFor({ name, title = '', family = 'sd1' }: ModelInfo): Words {
  if (isMini(name)) return miniWords;
  const isXl = family === 'sdxl';
  const named = namedWords.find(({ pattern }) => isXl && (pattern.test(name) || pattern.test(title)));
  return named?.words ?? familyWords[family];
}

/** Landscapes, each with the same upright behind it. */
function sizesOf(model: ModelInfo): PromptHints['sizes'] {
  const usual = resolutionOf(model);
  if (usual.width !== usual.height) return [usual];
  if (model.family === 'sdxl' && usual.width === 1024) return sdxlSizes.flatMap(bothWays);
  const { width: side } = usual;
  const wider = new Set([1, 1.25, 1.5].map((factor) => multipleOf64(side * factor)));
  return [...wider].flatMap((width) => bothWays([width, side]));
}

function bothWays([width, height]: readonly [number, number]): PromptHints['sizes'] {
  return width === height
    ? [{ width, height }]
    : [
        { width, height },
        { width: height, height: width },
      ];
}

/** What all levels of a network halve without a rest. */
function multipleOf64(side: number): number {
  return Math.ceil(side / 64) * 64;
}
