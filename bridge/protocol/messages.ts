/**
 * What clients say in the wire protocol, version 1, and all that both sides speak of; what the server says is in
 * `server-message.ts`. Text frames carry one message as JSON; pixels travel in binary frames (see `frame.ts`). This folder is a leaf: no Node, no DOM, no library, so that the
 * server, browsers and Photoshop's UXP compile the same file. Rules with their ids are in docs/protocol.md.
 */
import type { DiffusionDefaults } from './diffusion-defaults.ts';
import type { Limits } from './limits.ts';

export const PROTOCOL_VERSION = 1;

export const editors = ['photoshop', 'figma', 'web', 'cli', 'other'] as const;
export type Editor = (typeof editors)[number];

export const imageFormats = [
  'gray8',
  'rgb8',
  'rgba8',
  'gray16',
  'rgb16',
  'rgba16',
  'png',
  'jpeg',
  'webp',
  'tiff',
] as const;
export type ImageFormat = (typeof imageFormats)[number];

export const inputRoles = ['source', 'mask', 'control'] as const;
export type InputRole = (typeof inputRoles)[number];
export type OutputRole = 'picture' | 'mask';

/** A picture announced by `submit`; its bytes follow in binary frames. `left` and `top` place it in the document. */
export interface InputImage {
  readonly imageId: string;
  readonly role: InputRole;
  readonly format: ImageFormat;
  /** Raw pictures need both; of an encoded one they are in the file, and only let the server refuse it sooner. */
  readonly width?: number;
  readonly height?: number;
  readonly byteLength: number;
  readonly left?: number;
  readonly top?: number;
}

/** In pixels, of a document or of a picture. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of which no bytes are needed. */
export interface ImageOutline extends Omit<InputImage, 'imageId' | 'byteLength'> {
  /** Of a control image, which a request names by it. */
  readonly imageId?: string;
  /** Of a mask: what is white in it, in the document. */
  readonly maskBounds?: Bounds;
}

/** What a diffusion model's work does to need less memory. */
export type MemorySaving = 'sequential-guidance' | 'sequential-loading' | 'tiled-vae';

export interface OutputRequest {
  readonly format: ImageFormat;
  /** JPEG and WebP quality, 1..100. */
  readonly quality?: number;
}

/** What every request may say; what it leaves out is filled in by the server and told back with the result. */
interface RequestBase {
  readonly model?: string;
  readonly output?: OutputRequest;
}

export const randomGenerators = ['cpu', 'philox'] as const;
export const predictionTypes = ['epsilon', 'v_prediction', 'sample'] as const;
export const contextChoices = ['tight', 'auto', 'wide', 'whole'] as const;
export const workingSizes = ['auto', 'native'] as const;
export const highResolutionChoices = ['auto', 'on', 'off'] as const;
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
export type WorkingSize = (typeof workingSizes)[number] | { readonly width: number; readonly height: number };

/** How a control map is made of a picture: by the preprocessor of that name, its numbers as it has them or as told. */
export type PreprocessorField =
  | ControlKind
  | { readonly name: ControlKind; readonly options?: Readonly<Record<string, number>> };

/** A picture that a ControlNet makes a drawing follow. Its `model` or what it shows must be told, the rest may be left out. */
export interface ControlField {
  /** A listed name. Without it the installed one for that kind of map and the checkpoint's family. */
  readonly model?: string;
  /** What the map shows; without it what the preprocessor makes, else what the model is for. */
  readonly kind?: ControlKind;
  /** The job's image with the role `control` and this id. Without it the source is what the map is made of. */
  readonly imageId?: string;
  /** What people call the image: a file, a layer. Kept with the result, where the image itself is not. */
  readonly imageName?: string;
  /** Without it the image is the map. */
  readonly preprocessor?: PreprocessorField;
  /** 0..2; 1, where it is left out, as it was trained. */
  readonly strength?: number;
  /** The share of the steps, 0..1, at which it begins, and that, above, at which it ends. */
  readonly start?: number;
  readonly end?: number;
  readonly mode?: ControlMode;
}

/** A low-rank change of the model, by its listed name. */
export interface LoraField {
  readonly model: string;
  /** -10..10; 1, where it is left out, as it was trained. */
  readonly strength?: number;
  /** Of the text encoder's part; without it as the rest. */
  readonly textEncoderStrength?: number;
}

/** A network that changes what the model's attentions hear, by its listed name; several work one after the other. */
export interface HypernetworkField {
  readonly model: string;
  /** -10..10; 1, where it is left out, as it was trained. */
  readonly strength?: number;
}

/** A second checkpoint, for SDXL, that draws the last of the steps: its refiner, or another SDXL checkpoint. */
export interface RefinerField {
  readonly model: string;
  /** Above 0 and below 1: the share of the noise that the first one takes away; 0.8 where it is left out. */
  readonly ratio?: number;
}

/** What steers a diffusion model besides its prompt. What is left out is the model's own, or usual. */
export interface DiffusionFields {
  readonly negativePrompt?: string;
  /** Another autoencoder than the model's own, by the listed name of a VAE, or of a checkpoint whose own is taken. */
  readonly vae?: string;
  /** What enlarges a drawing by more than half as much again, by its listed name. */
  readonly upscaler?: string;
  /** One of the capabilities' schedulers, a spacing behind it where it has one, or what other programs call it. */
  readonly scheduler?: string;
  readonly numInferenceSteps?: number;
  /** In place of those of the scheduler's spacing, one a step, falling within 0..999; some schedulers take none. */
  readonly timesteps?: readonly number[];
  /** 1 and less: no guidance. */
  readonly guidanceScale?: number;
  /** 0..1: against the overexposure of a high guidance scale; 0 = none. */
  readonly guidanceRescale?: number;
  /** Whose random numbers the seed stands for: torch's on a CPU, or on CUDA. */
  readonly rng?: (typeof randomGenerators)[number];
  /** Which of the text encoder's layers is used, from the end: 1 = the last. */
  readonly clipSkip?: number;
  readonly predictionType?: (typeof predictionTypes)[number];
  readonly controls?: readonly ControlField[];
  readonly loras?: readonly LoraField[];
  readonly hypernetworks?: readonly HypernetworkField[];
  readonly refiner?: RefinerField;
  /** The name of one of the capabilities' styles: its words and settings, where the request has none of its own. */
  readonly style?: string;
}

/** Of a diffusion model's work on a picture that is there. */
export interface RepaintFields extends DiffusionFields {
  /** Above 0: how much of what was there goes; 1 = all. */
  readonly strength?: number;
  /** What size the model draws at: one that it likes, the picture's own, or one in pixels, multiples of 8. */
  readonly workingSize?: WorkingSize;
  /** How closely a pix2pix model follows the picture; of no other. */
  readonly imageGuidanceScale?: number;
}

interface MaskRequest extends RequestBase {
  readonly seed?: number;
  readonly count?: number;
  /** The whole picture, or the fill by itself, not mixed yet, with the mask for its layer. */
  readonly resultArea?: 'picture' | 'mask';
}

/** Of a picture's part that may be painted from words. */
export interface PaintFields extends RepaintFields {
  /** What is to be painted, by a diffusion model. Without it the surroundings decide, and what only such a model hears is left out. */
  readonly prompt?: string;
  /** How much of the picture around what is painted the model is shown. */
  readonly context?: (typeof contextChoices)[number];
}

export interface FillRequest extends MaskRequest, PaintFields {
  readonly operation: 'fill';
}

/** As a fill, but of an object: fringes that the mask has left of it go too. The result's mask may be larger than that sent. */
export interface RemoveRequest extends MaskRequest {
  readonly operation: 'remove';
}

export interface ExpandRequest extends RequestBase, PaintFields {
  readonly operation: 'expand';
  readonly left?: number;
  readonly right?: number;
  readonly top?: number;
  readonly bottom?: number;
  readonly seed?: number;
  readonly count?: number;
}

export interface UpscaleRequest extends RequestBase {
  readonly operation: 'upscale';
  /** Either a factor, or both width and height in pixels. */
  readonly scale?: number;
  readonly width?: number;
  readonly height?: number;
}

/** Of a picture from words alone. */
export interface GenerateFields extends DiffusionFields {
  /** Whether a picture far larger than the model was trained at is drawn small first, and over that enlarged. */
  readonly highResolution?: (typeof highResolutionChoices)[number];
  /** Above 0: how much of the first pass goes; 1 = all. */
  readonly highResolutionStrength?: number;
}

/** A picture from words alone; the job has no images but those of its controls. */
export interface GenerateRequest extends RequestBase, GenerateFields {
  readonly operation: 'generate';
  readonly prompt: string;
  readonly seed?: number;
  readonly count?: number;
  /** Multiples of 8, in the proportions of the control images. Without them they follow the first one's. */
  readonly width?: number;
  readonly height?: number;
}

/** The whole picture drawn anew from a prompt, as near to what it was as the strength leaves it. */
export interface VaryRequest extends RequestBase, RepaintFields {
  readonly operation: 'vary';
  readonly prompt: string;
  readonly seed?: number;
  readonly count?: number;
}

/** A picture's control map by itself, as large as the picture. */
export interface ControlMapRequest extends Pick<RequestBase, 'output'> {
  readonly operation: 'control-map';
  readonly preprocessor: PreprocessorField;
}

/** All that affects the pixels of a result. Kept with it, so that it can be run again from any editor. */
export type JobRequest = ModelRequest | ControlMapRequest;
/** Those that a model of the user's choice does. */
export type ModelRequest =
  | FillRequest
  | RemoveRequest
  | ExpandRequest
  | UpscaleRequest
  | GenerateRequest
  | VaryRequest;
export type Operation = JobRequest['operation'];
export type ModelOperation = ModelRequest['operation'];

export type ClientMessage =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly client: string;
      readonly editor: Editor;
      readonly token?: string;
    }
  | { readonly type: 'pair'; readonly code: string; readonly name: string }
  | {
      readonly type: 'submit';
      readonly jobId: string;
      readonly request: JobRequest;
      readonly images: readonly InputImage[];
    }
  | { readonly type: 'cancel'; readonly jobId: string }
  /** After a reconnect: send again whatever of these jobs has not been acknowledged. Without ids: of all my jobs. */
  | { readonly type: 'resume'; readonly jobIds?: readonly string[] }
  /** A result image arrived whole: the server may forget it. */
  | { readonly type: 'acknowledge'; readonly jobId: string; readonly imageId: string }
  | {
      readonly type: 'estimate';
      readonly requestId: string;
      readonly request: JobRequest;
      readonly images: readonly ImageOutline[];
    }
  | { readonly type: 'capabilities' }
  /** Asks for a pairing code. Only the host's own command line may. */
  | { readonly type: 'open-pairing' };

export const jobStates = ['uploading', 'queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

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

/** How a checkpoint likes to be asked. */
export interface PromptHints {
  /** In a sentence or two. */
  readonly prompt: string;
  /** What comes after what, of one that was trained with tags in an order. */
  readonly tagOrder?: readonly string[];
  /** Words for a good picture, to be added to a prompt. */
  readonly qualityTags?: string;
  /** A usual negative prompt. */
  readonly negativePrompt?: string;
  /** In pixels, the usual one first. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
}

export interface ModelCapability {
  readonly name: string;
  readonly kind: ModelKind;
  readonly architecture: string;
  /** Of a checkpoint, and of what works beside one that it is for. */
  readonly family?: 'sd1' | 'sd2' | 'sdxl' | 'sdxl-refiner';
  /** Of a checkpoint: what its network is fed besides noise. */
  readonly variant?: 'base' | 'inpainting' | 'pix2pix';
  /** What the file says of itself, here and below; absent where it does not say. */
  readonly title?: string;
  /** Pixels that a checkpoint was trained at: where its file does not say, what its family was. */
  readonly resolution?: { readonly width: number; readonly height: number };
  readonly predictionType?: 'epsilon' | 'v_prediction' | 'sample';
  readonly hasZeroTerminalSnr?: true;
  /** What suits a checkpoint, or any with a LoRA: of a request that does not say. */
  readonly defaults?: {
    readonly scheduler?: string;
    readonly numInferenceSteps?: number;
    /** For that scheduler and that many steps alone. */
    readonly timesteps?: readonly number[];
    readonly guidanceScale?: number;
  };
  /** Of an embedding, which a prompt uses by its name: how many of the prompt's tokens it takes. */
  readonly vectors?: number;
  /** Of a ControlNet: what its maps may show, where that can be told; several of one that is told which. */
  readonly controlKinds?: readonly ControlKind[];
  /** Of a LoRA: what it was trained to hear in a prompt, as its file says. */
  readonly triggerWords?: readonly string[];
  /** Of a checkpoint. */
  readonly hints?: PromptHints;
  readonly origin: 'built-in' | 'user';
  readonly scale?: number;
  readonly licence?: string;
  readonly problem?: string;
}

/** What in a style's prompt stands for the user's own words. */
export const promptGap = '{prompt}';

/** A look by its name: words around the user's own, and settings that suit it. What it leaves out is the request's, or usual. */
export interface StyleCapability {
  readonly name: string;
  readonly title: string;
  readonly origin: 'built-in' | 'user';
  /** With `{prompt}` where the user's own words go. */
  readonly prompt?: string;
  /** Added to the user's own. */
  readonly negativePrompt?: string;
  /** What checkpoints it is for. */
  readonly family?: NonNullable<ModelCapability['family']>;
  readonly checkpoint?: string;
  readonly vae?: string;
  readonly loras?: readonly LoraField[];
  readonly scheduler?: string;
  readonly numInferenceSteps?: number;
  readonly timesteps?: readonly number[];
  readonly guidanceScale?: number;
  readonly clipSkip?: number;
  /** Why its file cannot be used. */
  readonly problem?: string;
}

/** What makes a control map of a picture. */
export interface PreprocessorCapability {
  readonly name: ControlKind;
  /** What its maps show. */
  readonly kind: ControlKind;
  readonly description: string;
  readonly options: readonly {
    readonly name: string;
    readonly description: string;
    readonly min: number;
    readonly max: number;
    readonly default: number;
    /** A whole one of 0..1 is a switch. */
    readonly isWhole: boolean;
  }[];
  /** A model that must be there: `inlay models get` gets it by that name. */
  readonly needs?: string;
  /** One that makes for better maps where it is there. */
  readonly uses?: string;
}

export interface Capabilities {
  readonly version: string;
  readonly device: { readonly requested: string; readonly device: string; readonly reason: string };
  readonly operations: readonly {
    readonly operation: Operation;
    readonly defaultModel: string;
    /** The model of a request with a `prompt`; none where the operation takes no prompt, or no model for it is there. */
    readonly promptModel?: string;
  }[];
  /** By their own names, the default first. */
  readonly schedulers: readonly string[];
  readonly defaults: DiffusionDefaults;
  readonly controls: {
    readonly kinds: readonly ControlKind[];
    readonly preprocessors: readonly PreprocessorCapability[];
  };
  readonly models: readonly ModelCapability[];
  readonly styles: readonly StyleCapability[];
  readonly formats: readonly ImageFormat[];
  readonly limits: Limits;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}
