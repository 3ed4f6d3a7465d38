/** The clients' messages as zod schemas: whatever comes over a socket is checked here, once. */
import { z } from 'zod';
import { BridgeError } from '../errors.ts';
import { idPattern, maxNameLength, pairingCodePattern } from '../protocol/limits.ts';
import {
  type ClientMessage,
  contextChoices,
  controlKinds,
  controlModes,
  editors,
  highResolutionChoices,
  imageFormats,
  inputRoles,
  predictionTypes,
  randomGenerators,
  workingSizes,
} from '../protocol/messages.ts';

const id = z.string().regex(idPattern);
const name = z.string().min(1).max(maxNameLength);
const count = z.int().min(1);
const pixels = z.int().min(0);
const side = z.int().min(1);
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const output = z.strictObject({
  format: z.enum(imageFormats),
  quality: z.int().min(1).max(100).exactOptional(),
});
const base = { model: name.exactOptional(), output: output.exactOptional() };
const batch = { seed: seed.exactOptional(), count: count.exactOptional() };

const masked = {
  ...base,
  ...batch,
  resultArea: z.enum(['picture', 'mask']).exactOptional(),
};

export const preprocessor = z.union([
  z.enum(controlKinds),
  z.strictObject({
    name: z.enum(controlKinds),
    options: z.record(z.string().max(maxNameLength), z.number()).exactOptional(),
  }),
]);

const control = z.strictObject({
  model: name.exactOptional(),
  kind: z.enum(controlKinds).exactOptional(),
  imageId: id.exactOptional(),
  imageName: name.exactOptional(),
  preprocessor: preprocessor.exactOptional(),
  strength: z.number().exactOptional(),
  start: z.number().exactOptional(),
  end: z.number().exactOptional(),
  mode: z.enum(controlModes).exactOptional(),
});

const lora = z.strictObject({
  model: name,
  strength: z.number().exactOptional(),
  textEncoderStrength: z.number().exactOptional(),
});

const hypernetwork = z.strictObject({ model: name, strength: z.number().exactOptional() });

const diffusion = {
  negativePrompt: z.string().exactOptional(),
  vae: name.exactOptional(),
  upscaler: name.exactOptional(),
  scheduler: name.exactOptional(),
  numInferenceSteps: count.exactOptional(),
  timesteps: z.array(z.number()).exactOptional(),
  guidanceScale: z.number().min(0).exactOptional(),
  guidanceRescale: z.number().min(0).max(1).exactOptional(),
  rng: z.enum(randomGenerators).exactOptional(),
  clipSkip: count.exactOptional(),
  predictionType: z.enum(predictionTypes).exactOptional(),
  controls: z.array(control).exactOptional(),
  loras: z.array(lora).exactOptional(),
  hypernetworks: z.array(hypernetwork).exactOptional(),
  refiner: z.strictObject({ model: name, ratio: z.number().exactOptional() }).exactOptional(),
  style: name.exactOptional(),
};

const repaint = {
  ...diffusion,
  strength: z.number().positive().max(1).exactOptional(),
  workingSize: z.union([z.enum(workingSizes), z.strictObject({ width: side, height: side })]).exactOptional(),
  imageGuidanceScale: z.number().min(0).exactOptional(),
};

const paint = {
  ...repaint,
  prompt: z.string().exactOptional(),
  context: z.enum(contextChoices).exactOptional(),
};

const request = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('fill'),
    ...masked,
    ...paint,
  }),
  z.strictObject({ operation: z.literal('remove'), ...masked }),
  z.strictObject({
    operation: z.literal('expand'),
    ...base,
    ...batch,
    ...paint,
    left: pixels.exactOptional(),
    right: pixels.exactOptional(),
    top: pixels.exactOptional(),
    bottom: pixels.exactOptional(),
  }),
  z.strictObject({
    operation: z.literal('upscale'),
    ...base,
    scale: z.number().positive().exactOptional(),
    width: side.exactOptional(),
    height: side.exactOptional(),
  }),
  z.strictObject({
    operation: z.literal('generate'),
    ...base,
    ...batch,
    ...diffusion,
    highResolution: z.enum(highResolutionChoices).exactOptional(),
    highResolutionStrength: z.number().positive().max(1).exactOptional(),
    prompt: z.string(),
    width: side.exactOptional(),
    height: side.exactOptional(),
  }),
  z.strictObject({ operation: z.literal('vary'), ...base, ...batch, ...repaint, prompt: z.string() }),
  z.strictObject({ operation: z.literal('control-map'), preprocessor, output: base.output }),
]);

const outline = {
  role: z.enum(inputRoles),
  format: z.enum(imageFormats),
  width: side.exactOptional(),
  height: side.exactOptional(),
  left: z.int().exactOptional(),
  top: z.int().exactOptional(),
};
const bounds = z.strictObject({ left: z.int(), top: z.int(), width: side, height: side });
/** More pictures than any operation takes are refused by count before each is looked at. */
const maxImages = 16;
const maxResumedJobs = 512;

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int().min(1),
    client: name,
    editor: z.enum(editors),
    token: z.string().min(1).max(maxNameLength).exactOptional(),
  }),
  z.strictObject({ type: z.literal('pair'), code: z.string().regex(pairingCodePattern), name }),
  z.strictObject({
    type: z.literal('submit'),
    jobId: id,
    request,
    images: z.array(z.strictObject({ imageId: id, ...outline, byteLength: count })).max(maxImages),
  }),
  z.strictObject({ type: z.literal('cancel'), jobId: id }),
  z.strictObject({ type: z.literal('resume'), jobIds: z.array(id).max(maxResumedJobs).exactOptional() }),
  z.strictObject({ type: z.literal('acknowledge'), jobId: id, imageId: id }),
  z.strictObject({
    type: z.literal('estimate'),
    requestId: id,
    request,
    images: z
      .array(z.strictObject({ imageId: id.exactOptional(), ...outline, maskBounds: bounds.exactOptional() }))
      .max(maxImages),
  }),
  z.strictObject({ type: z.literal('capabilities') }),
  z.strictObject({ type: z.literal('open-pairing') }),
]);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Does not compile when the schema and the hand-written types have drifted apart. */
true satisfies Same<DeepReadonly<z.infer<typeof clientMessageSchema>>, DeepReadonly<ClientMessage>>;

/** What a message is about, as far as that can be told of one that cannot be taken. */
export interface Subject {
  readonly jobId?: string;
  readonly requestId?: string;
}

/** A message that is not of the protocol. */
export class InvalidMessage extends BridgeError {
  readonly subject: Subject;

  constructor(message: string, subject: Subject = {}) {
    super('invalid-message', message);
    this.subject = subject;
  }
}

/** Throws `InvalidMessage`. */
export function parseClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidMessage('Expected a message of JSON, received something else.');
  }
  const { success, data, error } = clientMessageSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const place = issue?.path.join('.') || 'the message';
  throw new InvalidMessage(
    `Expected a message of the protocol, received a wrong one: ${place}: ${issue?.message}`,
    subjectOf(value),
  );
}

const subjectSchema = z.object({ jobId: id.exactOptional(), requestId: id.exactOptional() });

function subjectOf(value: unknown): Subject {
  const { success, data } = subjectSchema.safeParse(value);
  return success ? data : {};
}
