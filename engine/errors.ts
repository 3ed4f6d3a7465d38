/**
 * Everything that can go wrong in the engine, as one class with one table of codes. The bridge passes code, message
 * and hint through to the client unchanged, so a message must be fit for a person: expected what, for what, received
 * what; the hint says what to do.
 */
const defaultHints = {
  'invalid-option': 'Correct the option and try again.',
  'invalid-image':
    'Open the picture in an editor, save it again as PNG, JPEG, WebP or TIFF, and try with that file.',
  'image-too-large': 'Use a smaller picture, a smaller selection or a smaller scale.',
  'mask-mismatch': 'Make the mask exactly as large as the picture.',
  'mask-empty': 'Paint the area to change white in the mask; black is kept.',
  'mask-full': 'Leave some of the picture outside the mask: its surroundings are what a fill is made of.',
  'model-not-found': 'Run `inlay models` to see the names that are installed.',
  'invalid-weights': 'The file is damaged or not what its name says: download or copy it again.',
  'unsupported-architecture': 'Use a model of a supported architecture; `inlay models` lists them.',
  'tensor-mismatch': 'The file does not fit its architecture: get it again from where it was published.',
  'invalid-output':
    'Try another autoencoder with `--vae`, another scheduler, or `--prediction-type`; if nothing helps, the file is damaged.',
  'out-of-memory': 'Close other programs, or use a smaller picture, scale or tile.',
  'disk-full': 'Free some disk space, or write to another disk.',
  cancelled: 'Start the job again when you want it.',
  'device-failed': 'Start Inlay with `--device cpu`.',
  'engine-crashed': 'Try again; if it happens again, run `inlay doctor` and report it with the log.',
  internal: 'This is a defect in Inlay: please report it with the log file.',
} as const;

export type EngineErrorCode = keyof typeof defaultHints;

export const engineErrorCodes = Object.keys(defaultHints) as readonly EngineErrorCode[];

export class EngineError extends Error {
  readonly code: EngineErrorCode;
  /** What the user can do about it, in a sentence. */
  readonly hint: string;

  constructor(code: EngineErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.hint = options.hint ?? defaultHints[code];
  }
}

/** Error codes of the operating system that mean "no room to write": full disk, quota, file-size limit. */
const noRoomCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Any thrown value as an `EngineError`; what is not one already becomes `internal`, or the code its system error stands for. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { name, message, code } = (
    error instanceof Error ? error : new Error(String(error))
  ) as NodeJS.ErrnoException;
  if (name === 'AbortError') return new EngineError('cancelled', 'The job was cancelled.', { cause: error });
  if (code !== undefined && noRoomCodes.has(code))
    return new EngineError('disk-full', `No room left on the disk: ${message}`, { cause: error });
  if (error instanceof RangeError && /allocation failed|array length/i.test(message)) {
    return new EngineError('out-of-memory', `The engine ran out of memory: ${message}`, { cause: error });
  }
  return new EngineError('internal', message, { cause: error });
}
