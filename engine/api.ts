/**
 * The engine's whole boundary: what its host process may say to it and what it says back. Both ends import this file
 * and nothing else of each other. Sent through `child_process` IPC with `serialization: 'advanced'`, so bytes travel as
 * bytes. One engine process runs one job at a time; its host queues.
 */
import type { EngineErrorCode } from './errors.ts';
import type { Bounds } from './image/bounds.ts';
import type { ContextPolicy } from './image/context.ts';
import type { WorkingSizeChoice } from './image/placement.ts';

export const rawFormats = ['gray8', 'rgb8', 'rgba8', 'gray16', 'rgb16', 'rgba16'] as const;
/** Raw interleaved samples; 16-bit samples are little-endian, 0..65535. */
export type RawFormat = (typeof rawFormats)[number];

export const encodedFormats = ['png', 'jpeg', 'webp', 'tiff'] as const;
export type EncodedFormat = (typeof encodedFormats)[number];

export type ImageFormat = RawFormat | EncodedFormat;

/** A picture on its way in. Raw formats need `width` and `height`; of encoded ones they are read from the file. */
export interface ImagePayload {
  readonly format: ImageFormat;
  readonly width?: number;
  readonly height?: number;
  readonly bytes: Uint8Array;
}

/** A model by its listed name, or by a file's path (only ever from this machine's own command line). */
export type ModelReference = { readonly name: string } | { readonly file: string };

export interface OutputOptions {
  readonly format: ImageFormat;
  /** JPEG and WebP quality, 1..100. */
  readonly quality: number;
}

interface TaskBase {
  readonly output: OutputOptions;
  /**
   * The request in the words of whoever asked, kept with the result (a PNG text chunk) so that it can be run again. Of a
   * batch each picture gets it with its own `seed` and a `count` of 1.
   */
  readonly recipe?: Readonly<Record<string, unknown>>;
}

interface SourceTask extends TaskBase {
  readonly source: ImagePayload;
}

export interface FillTask extends SourceTask {
  readonly operation: 'fill';
  /** White = fill. As large as the source. */
  readonly mask: ImagePayload;
  readonly model: ModelReference;
  /** Unsigned 32-bit; picture i of a batch uses seed + i. */
  readonly seed: number;
  readonly count: number;
  /**
   * What comes back: the whole picture, or the fill by itself, as large as its mask's bounds, and that mask. By itself it
   * is not mixed by the mask's grey values.
   */
  readonly resultArea: 'picture' | 'mask';
  /** From a prompt, with a diffusion model; without it from the surroundings alone. */
  readonly diffusion?: FillDiffusion;
}

/** As a fill, but of an object: the mask is grown over the fringes it has left, and the best of several starts is kept. */
export interface RemoveTask extends Omit<FillTask, 'operation' | 'diffusion'> {
  readonly operation: 'remove';
}

export interface ExpandTask extends SourceTask {
  readonly operation: 'expand';
  readonly model: ModelReference;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly seed: number;
  readonly count: number;
  /** As of a fill. */
  readonly diffusion?: FillDiffusion;
}

export interface UpscaleTask extends SourceTask {
  readonly operation: 'upscale';
  readonly model: ModelReference;
  /** The wanted size: a factor of the source's, or exact pixels. */
  readonly target: { readonly scale: number } | { readonly width: number; readonly height: number };
}

export const randomGenerators = ['cpu', 'philox'] as const;
/** Whose numbers a seed stands for: those of torch's CPU generator, or of CUDA's (Philox). */
export type RandomGenerator = (typeof randomGenerators)[number];

export const predictionTypes = ['epsilon', 'v_prediction', 'sample'] as const;
/** What a diffusion network was trained to predict. */
export type PredictionType = (typeof predictionTypes)[number];

export const controlKinds = [
  'canny',
  'lineart',
  'scribble',
  'softedge',
  'depth',
  'pose',
  'normal',
  'segmentation',
  'tile',
  'palette',
  'inpaint',
] as const;
/** What a control map shows. */
export type ControlKind = (typeof controlKinds)[number];

export const controlModes = ['balanced', 'prompt', 'control'] as const;
/** What counts for more where prompt and control disagree. */
export type ControlMode = (typeof controlModes)[number];

/** How a map is made of a picture: what it shows, and numbers of that preprocessor's own. */
export interface PreprocessorSettings {
  readonly name: ControlKind;
  readonly options?: Readonly<Record<string, number>>;
}

/** A picture that a ControlNet (arXiv 2302.05543) makes a drawing follow. */
export interface ControlSettings {
  readonly model: ModelReference;
  /** What the map shows, for a model that is told (Union). */
  readonly kind?: ControlKind;
  /**
   * The map, or what it is made of: as large as the source, or where there is none of the drawing's proportions. Without it
   * the source, and of `inpaint` its mask too.
   */
  readonly image?: ImagePayload;
  /** Without it the image is the map. */
  readonly preprocessor?: PreprocessorSettings;
  /** 0..2; 1 = as it was trained. */
  readonly strength: number;
  /** The share of the steps, 0..1, at which it begins, and that at which it ends. */
  readonly start: number;
  readonly end: number;
  readonly mode: ControlMode;
}

/** A low-rank adaptation (arXiv 2106.09685) of the model's weights. */
export interface LoraSettings {
  readonly model: ModelReference;
  /** -10..10; 1 = as it was trained. */
  readonly strength: number;
  /** Of the text encoder's part; without it as the rest. */
  readonly textEncoderStrength?: number;
}

/** A network that changes what the UNet's attentions hear (A1111's kind); several work one after the other. */
export interface HypernetworkSettings {
  readonly model: ModelReference;
  /** -10..10; 1 = as it was trained. */
  readonly strength: number;
}

/** A second checkpoint of SDXL's latents that draws the last of the steps: its refiner, or another base. */
export interface RefinerSettings {
  readonly model: ModelReference;
  /** Above 0 and below 1: the share of the noise that the checkpoint itself takes away, before the refiner goes on. */
  readonly ratio: number;
}

/** What steers a diffusion model. Every value is within the limits of the one who asks. */
export interface DiffusionSettings {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Another autoencoder than the checkpoint's own. */
  readonly vae?: ModelReference;
  /** What enlarges a drawing that is far smaller than where it belongs; without it that is left to Lanczos. */
  readonly upscaler?: ModelReference;
  /** A name or alias of `engine/schedulers`. */
  readonly scheduler: string;
  readonly numInferenceSteps: number;
  /** In place of those of the scheduler's spacing, one a step, falling within 0..999; some schedulers take none. */
  readonly timesteps?: readonly number[];
  /** Classifier-free guidance (arXiv 2207.12598); 1 and less = none. */
  readonly guidanceScale: number;
  /** 0..1: against the overexposure of strong guidance (arXiv 2305.08891, section 3.4); 0 = none. */
  readonly guidanceRescale: number;
  readonly rng: RandomGenerator;
  /** Which of the text encoder's layers is used, from the end: 1 = the last. */
  readonly clipSkip: number;
  /** By default what the file says, or its family's. */
  readonly predictionType?: PredictionType;
  readonly controls?: readonly ControlSettings[];
  readonly loras?: readonly LoraSettings[];
  readonly hypernetworks?: readonly HypernetworkSettings[];
  readonly refiner?: RefinerSettings;
}

/**
 * Whether a picture far larger than the model was trained at is drawn in two passes: small first, then over that
 * enlarged. `on`: whenever it is larger at all.
 */
export type HighResolution = 'auto' | 'on' | 'off';

/** A picture from words alone. */
export interface GenerateSettings extends DiffusionSettings {
  readonly highResolution: HighResolution;
  /** Of the second pass, above 0: how much of the first one goes; 1 = all. */
  readonly highResolutionStrength: number;
}

/** A diffusion model's work on a picture that is there. */
export interface RepaintSettings extends DiffusionSettings {
  /** Above 0: how much of what was there goes; 1 = all. */
  readonly strength: number;
  /** What size the model draws at: one that it likes, the picture's own, or one in pixels, whose sides are multiples of 8. */
  readonly workingSize: WorkingSizeChoice;
  /** How closely a pix2pix checkpoint follows the picture (arXiv 2211.09800); without it the prompt alone guides. */
  readonly imageGuidanceScale?: number;
}

export interface FillDiffusion extends RepaintSettings {
  /** How much of the picture around the mask the model is shown. */
  readonly context: ContextPolicy;
}

interface ModelTask extends TaskBase {
  readonly model: ModelReference;
  /** Unsigned 32-bit; picture i of a batch uses seed + i. */
  readonly seed: number;
  readonly count: number;
}

export interface GenerateTask extends ModelTask {
  readonly operation: 'generate';
  readonly diffusion: GenerateSettings;
  /** Multiples of 8. */
  readonly width: number;
  readonly height: number;
}

/** The whole picture drawn anew from a prompt, not far from what it was. */
export interface VaryTask extends ModelTask, SourceTask {
  readonly operation: 'vary';
  readonly diffusion: RepaintSettings;
}

/** A picture's control map by itself, as large as the picture. */
export interface ControlMapTask extends SourceTask {
  readonly operation: 'control-map';
  readonly preprocessor: PreprocessorSettings;
}

export type EngineTask =
  | FillTask
  | RemoveTask
  | ExpandTask
  | UpscaleTask
  | GenerateTask
  | VaryTask
  | ControlMapTask;
/** Those that change a picture. */
export type PictureTask = Exclude<EngineTask, GenerateTask>;
export type Operation = EngineTask['operation'];

export const deviceChoices = ['auto', 'cpu', 'webgpu', 'directml', 'coreml', 'cuda'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];
export type Device = Exclude<DeviceChoice, 'auto'>;

/** What the engine computes on, and why. */
export interface DeviceReport {
  readonly requested: DeviceChoice;
  readonly device: Device;
  /** One sentence for a person, e.g. "webgpu: no adapter was found; using the CPU". */
  readonly reason: string;
}

export interface ModelFolder {
  readonly folder: string;
  /** A built-in folder has a `catalog.json` with what is not in the weights themselves. */
  readonly origin: 'built-in' | 'user';
}

/** Given once, when the process is forked. */
export interface EngineOptions {
  readonly device: DeviceChoice;
  /** Folders searched for models, in order of precedence: the user's first, then the shipped ones. */
  readonly modelFolders: readonly ModelFolder[];
  /** Where results too large for memory are spooled. */
  readonly spoolFolder: string;
  /** Of lists of words (`NAME.txt`, a line each) that prompts choose from as `__NAME__`. */
  readonly wildcardsFolder?: string;
  /** Threads for the fill; 0 = one for each core. */
  readonly threads: number;
  /** What an earlier process of the same engine has found out about devices; it is not found out again. */
  readonly knownDevice?: DeviceReport;
}

/** `fill` needs no weights; `unknown` is a file that cannot be used. */
export type ModelKind =
  | 'fill'
  | 'upscaler'
  | 'checkpoint'
  | 'vae'
  | 'embedding'
  | 'controlnet'
  | 'lora'
  | 'hypernetwork'
  | 'unknown';

export const modelFamilies = ['sd1', 'sd2', 'sdxl', 'sdxl-refiner'] as const;
export type ModelFamily = (typeof modelFamilies)[number];

/** Proposed, never forced. */
export interface DrawingDefaults {
  /** A name of `engine/schedulers`. */
  readonly scheduler?: string;
  readonly numInferenceSteps?: number;
  /** For that scheduler and that many steps alone. */
  readonly timesteps?: readonly number[];
  readonly guidanceScale?: number;
}

export interface ModelInfo {
  readonly name: string;
  readonly kind: ModelKind;
  /** The network, e.g. `RRDBNet` or `Stable Diffusion 1.x inpainting`, or `PatchMatch` where no weights are needed. */
  readonly architecture: string;
  /** Of a checkpoint, and of what works beside one that it is for. */
  readonly family?: ModelFamily;
  /** Of a checkpoint: what its U-Net is fed besides the noisy latent. */
  readonly variant?: 'base' | 'inpainting' | 'pix2pix';
  /** What the file says of itself, here and below; absent where it does not say. */
  readonly title?: string;
  /** Pixels that a checkpoint was trained at. */
  readonly resolution?: { readonly width: number; readonly height: number };
  readonly predictionType?: 'epsilon' | 'v_prediction' | 'sample';
  readonly hasZeroTerminalSnr?: true;
  /** What suits a checkpoint, or any with a LoRA: of a request that does not say. */
  readonly defaults?: DrawingDefaults;
  /** Of an embedding: how many of a prompt's tokens it takes. */
  readonly vectors?: number;
  /** Of a ControlNet: what its maps may show, where that can be told; several of one that is told which (Union). */
  readonly controlKinds?: readonly ControlKind[];
  /** Of a LoRA: what it was trained to hear in a prompt, as its file says. */
  readonly triggerWords?: readonly string[];
  readonly origin: 'built-in' | 'user';
  /** Upscaling factor of one pass. */
  readonly scale?: number;
  readonly fileBytes?: number;
  readonly licence?: string;
  /** Why this file cannot be used, for a file that was found but is not usable. */
  readonly problem?: string;
}

/** What a diffusion model's work does to need less memory. */
export type MemorySaving = 'sequential-guidance' | 'sequential-loading' | 'tiled-vae';

/** Why a task cannot be done, and what to do. */
export interface Refusal {
  readonly message: string;
  readonly hint: string;
}

export interface TaskEstimate {
  readonly outputWidth: number;
  readonly outputHeight: number;
  /** The rectangle of the source that is computed on; of an expansion it reaches beyond the source. */
  readonly contextBounds: Bounds;
  /** The size that a diffusion model draws at. */
  readonly workingSize?: { readonly width: number; readonly height: number };
  /** Of a diffusion model: its calls for all pictures. */
  readonly steps: number;
  readonly durationMs: number;
  /** Most that is needed at a time, with the savings. */
  readonly memoryBytes: number;
  readonly availableBytes: number;
  readonly outcome: 'fits' | 'fits-with-savings' | 'refused';
  /** In use unless the task simply fits. */
  readonly savings: readonly MemorySaving[];
  /** Of a task that is refused. */
  readonly refusal?: Refusal;
}

export type HostMessage =
  | { readonly type: 'start'; readonly jobId: string; readonly task: EngineTask }
  | { readonly type: 'cancel'; readonly jobId: string }
  /** `files` are listed first: models that are in no folder of models. */
  | { readonly type: 'list-models'; readonly requestId: number; readonly files: readonly string[] }
  | {
      readonly type: 'estimate';
      readonly requestId: number;
      readonly task: EngineTask;
      /** Of a fill whose mask has no bytes: what of the source is white; all of it where it is not told. */
      readonly maskBounds?: Bounds;
    };

export type Phase =
  | 'decoding'
  | 'loading'
  | 'filling'
  | 'upscaling'
  | 'mapping'
  | 'denoising'
  | 'refining'
  | 'encoding';

export interface Progress {
  readonly phase: Phase;
  /** Finished steps of this phase, 0..steps. */
  readonly step: number;
  readonly steps: number;
  /** Time left for the whole job, once it can be told. */
  readonly etaMs?: number;
}

/** One picture of a result. `bytes` in memory, or `file` in the spool folder, which the host deletes when done with it. */
export interface ResultPicture {
  readonly index: number;
  readonly role: 'picture' | 'mask';
  readonly seed?: number;
  /** Of a prompt with choices: what was chosen. */
  readonly chosenWords?: { readonly prompt: string; readonly negativePrompt: string };
  readonly format: ImageFormat;
  readonly bounds: Bounds;
  readonly content: { readonly bytes: Uint8Array } | { readonly file: string; readonly byteLength: number };
}

export interface EngineFailure {
  readonly code: EngineErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type EngineMessage =
  | { readonly type: 'ready'; readonly device: DeviceReport; readonly models: readonly ModelInfo[] }
  | { readonly type: 'models'; readonly requestId: number; readonly models: readonly ModelInfo[] }
  | { readonly type: 'estimated'; readonly requestId: number; readonly outcome: TaskEstimate | EngineFailure }
  /** Something the user should know that is no failure, e.g. a device that stopped working. */
  | { readonly type: 'notice'; readonly message: string; readonly device: DeviceReport }
  /** Something about a job that is no failure, e.g. that only a part of a LoRA fits. */
  | { readonly type: 'warning'; readonly jobId: string; readonly message: string }
  | ({ readonly type: 'progress'; readonly jobId: string } & Progress)
  /** A small picture of the work in progress, as JPEG; droppable. `bounds` is where it belongs in the output. */
  | {
      readonly type: 'preview';
      readonly jobId: string;
      readonly bounds: Bounds;
      readonly width: number;
      readonly height: number;
      readonly jpeg: Uint8Array;
    }
  | ({ readonly type: 'result'; readonly jobId: string } & ResultPicture)
  | { readonly type: 'done'; readonly jobId: string }
  | { readonly type: 'cancelled'; readonly jobId: string }
  | ({ readonly type: 'failed'; readonly jobId: string } & EngineFailure);
