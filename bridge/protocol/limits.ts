/** Every limit of the protocol, by name. `Limits` travel to the client with its capabilities; the rest is the server's. */
const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const gibibyte = 1024 * mebibyte;

/** Job, image and request ids are the client's own; this is all they may be. */
export const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** A binary frame's JSON header. */
export const maxFrameHeaderBytes = kibibyte;

/** Both sides of a generated picture are multiples of this: pixels of one latent pixel. */
export const generateSideMultiple = 8;
export const minGenerateSide = 64;

/** How much a control image may weigh, and how much a LoRA may change. */
export const controlStrengthRange = { min: 0, max: 2 } as const;
export const loraStrengthRange = { min: -10, max: 10 } as const;
export const hypernetworkStrengthRange = loraStrengthRange;
/** Of a request's own `timesteps`: the training steps of all Stable Diffusion models. */
export const timestepRange = { min: 0, max: 999 } as const;
/** Whether each is below the one before, as `timesteps` are. */
export function areFalling(timesteps: readonly number[]): boolean {
  return timesteps.every((each, i) => i === 0 || each < timesteps[i - 1]!);
}
/** Of one request; each makes every step longer. */
export const maxHypernetworks = 8;

/** How far the proportions of a control image may be off those of the picture, as a share. */
export const maxProportionError = 0.02;

/** Client, device and model names, and those of pictures. */
export const maxNameLength = 128;

export const pairingCodeDigits = 6;

/** A key that the page finds in its address: 256 random bits in base64url. */
export const pairingKeyBytes = 32;
export const pairingKeyLength = 43;

/** What `pair` may bring: the digits that a person types, or a key. */
export const pairingCodePattern = /^(?:[0-9]{6}|[A-Za-z0-9_-]{43})$/;

/** What a client is told. */
export interface Limits {
  readonly maxFrameBytes: number;
  readonly maxTextBytes: number;
  readonly maxImagePixels: number;
  readonly maxImageSide: number;
  readonly maxUploadBytes: number;
  readonly maxUnacknowledgedBytes: number;
  readonly maxQueuedJobs: number;
  readonly maxQueuedJobsPerClient: number;
  readonly maxCount: number;
  readonly maxExpandPixels: number;
  readonly maxPromptLength: number;
  readonly maxGenerateSide: number;
  readonly maxInferenceSteps: number;
  readonly maxGuidanceScale: number;
  readonly maxClipSkip: number;
  readonly maxControls: number;
  readonly maxLoras: number;
  readonly resultLifetimeMs: number;
}

export interface ServerLimits extends Limits {
  /** Any one frame, until the client has shown its token. */
  readonly maxUnauthenticatedFrameBytes: number;
  /** From the connection to `welcome` or `paired`. */
  readonly handshakeTimeoutMs: number;
  readonly maxUnauthenticatedSockets: number;
  readonly maxConnections: number;
  /** From the first byte of an HTTP request to the last one of its headers. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How often an idle socket is asked for a sign of life; after `maxMissedHeartbeats` without one it is closed. */
  readonly heartbeatMs: number;
  readonly maxMissedHeartbeats: number;
  /** An upload that has not moved for so long has failed. */
  readonly uploadTimeoutMs: number;
  readonly maxUploadingJobsPerClient: number;
  /** Announced and uploaded bytes of all jobs that have not ended. */
  readonly maxHeldUploadBytes: number;
  /** Results not yet acknowledged, of all clients. */
  readonly maxStoredResultBytes: number;
  /** Ended jobs that are remembered, so that `resume` can tell how they ended. */
  readonly maxRememberedJobs: number;
  /** Bytes on their way out of one socket before the next chunk waits. */
  readonly maxOutgoingBytes: number;
  /** A preview is dropped while more than this waits to go out. */
  readonly maxOutgoingBytesForPreview: number;
}

export const defaultLimits: ServerLimits = {
  maxFrameBytes: 512 * kibibyte,
  maxTextBytes: 128 * kibibyte,
  maxImagePixels: 2 ** 28,
  maxImageSide: 32_768,
  maxUploadBytes: gibibyte,
  maxUnacknowledgedBytes: 4 * mebibyte,
  maxQueuedJobs: 256,
  maxQueuedJobsPerClient: 64,
  maxCount: 8,
  maxExpandPixels: 8_192,
  maxPromptLength: 8_192,
  maxGenerateSide: 2_048,
  maxInferenceSteps: 150,
  maxGuidanceScale: 30,
  maxClipSkip: 12,
  maxControls: 8,
  maxLoras: 16,
  resultLifetimeMs: 600_000,
  maxUnauthenticatedFrameBytes: 64 * kibibyte,
  handshakeTimeoutMs: 5_000,
  maxUnauthenticatedSockets: 16,
  maxConnections: 128,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  heartbeatMs: 20_000,
  maxMissedHeartbeats: 3,
  uploadTimeoutMs: 60_000,
  maxUploadingJobsPerClient: 16,
  maxHeldUploadBytes: 2 * gibibyte,
  maxStoredResultBytes: 2 * gibibyte,
  maxRememberedJobs: 512,
  maxOutgoingBytes: 4 * mebibyte,
  maxOutgoingBytesForPreview: 256 * kibibyte,
};

/** The part of the server's limits that a client is told. */
export function publicLimits(limits: ServerLimits): Limits {
  return {
    maxFrameBytes: limits.maxFrameBytes,
    maxTextBytes: limits.maxTextBytes,
    maxImagePixels: limits.maxImagePixels,
    maxImageSide: limits.maxImageSide,
    maxUploadBytes: limits.maxUploadBytes,
    maxUnacknowledgedBytes: limits.maxUnacknowledgedBytes,
    maxQueuedJobs: limits.maxQueuedJobs,
    maxQueuedJobsPerClient: limits.maxQueuedJobsPerClient,
    maxCount: limits.maxCount,
    maxExpandPixels: limits.maxExpandPixels,
    maxPromptLength: limits.maxPromptLength,
    maxGenerateSide: limits.maxGenerateSide,
    maxInferenceSteps: limits.maxInferenceSteps,
    maxGuidanceScale: limits.maxGuidanceScale,
    maxClipSkip: limits.maxClipSkip,
    maxControls: limits.maxControls,
    maxLoras: limits.maxLoras,
    resultLifetimeMs: limits.resultLifetimeMs,
  };
}
