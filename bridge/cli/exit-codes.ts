import type { EngineErrorCode } from '../../engine/errors.ts';

/** What `inlay` exits with; documented in docs/cli.md. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  input: 3,
  resources: 4,
  engine: 5,
  server: 6,
  cancelled: 130,
} as const;

/** Of the codes that are not the engine's, only the home's is not about a server. */
const byCode: Record<EngineErrorCode | 'home-unusable', number> = {
  'home-unusable': exitCodes.usage,
  'invalid-option': exitCodes.usage,
  'invalid-image': exitCodes.input,
  'mask-mismatch': exitCodes.input,
  'mask-empty': exitCodes.input,
  'mask-full': exitCodes.input,
  'model-not-found': exitCodes.input,
  'invalid-weights': exitCodes.input,
  'unsupported-architecture': exitCodes.input,
  'tensor-mismatch': exitCodes.input,
  'invalid-output': exitCodes.engine,
  'image-too-large': exitCodes.resources,
  'out-of-memory': exitCodes.resources,
  'disk-full': exitCodes.resources,
  'device-failed': exitCodes.engine,
  'engine-crashed': exitCodes.engine,
  cancelled: exitCodes.cancelled,
  internal: exitCodes.internal,
};

/** The exit code for a failure's code; codes that only a server gives are all of the kind `server`. */
export function exitCodeFor(code: string): number {
  return (byCode as Readonly<Record<string, number>>)[code] ?? exitCodes.server;
}
