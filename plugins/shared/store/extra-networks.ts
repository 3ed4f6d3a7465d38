/** What changes a model for a drawing, LoRAs and hypernetworks, as the fields have it and requests carry it. */
import type { Capabilities, LoraField, ModelCapability } from '../../../bridge/protocol/messages.ts';

export type ExtraNetworkKind = 'lora' | 'hypernetwork';

/** A hypernetwork has no strength apart for the text encoder. */
export type ExtraNetworkField = LoraField;

export const usualNetworkStrength = 1;

/** How a prompt's tags begin that ask for one. */
const tagWords: Readonly<Record<ExtraNetworkKind, string>> = { lora: 'lora|lyco', hypernetwork: 'hypernet' };

export interface ModelAmongAll extends Pick<Capabilities, 'models'> {
  /** The checkpoint that is changed. */
  readonly model: Pick<ModelCapability, 'family'>;
}

/** Those that can be used with a model; one whose file does not tell what it is for is offered with each. */
export function extraNetworksFor(
  kind: ExtraNetworkKind,
  { model, models }: ModelAmongAll,
): readonly ModelCapability[] {
  return models.filter(
    ({ family = model.family, ...other }) =>
      other.kind === kind && other.problem === undefined && family === model.family,
  );
}

/** Whether a prompt asks for it by a tag, e.g. `<lora:name:0.8>`; a backslash before it makes that text. */
export function isTagged(
  prompt: string,
  { kind, name }: { readonly kind: ExtraNetworkKind; readonly name: string },
): boolean {
  const tags = prompt.matchAll(new RegExp(`(\\\\?)<(?:${tagWords[kind]}):([^<>:]*)[^<>]*>`, 'gi'));
  return [...tags].some(([, backslash, named = '']) => backslash === '' && named.trim() === name);
}

export function isExtraNetwork(value: unknown): value is ExtraNetworkField {
  const { model, strength, textEncoderStrength } = (value ?? {}) as Partial<ExtraNetworkField>;
  return (
    typeof model === 'string' &&
    [strength, textEncoderStrength].every((one) => one === undefined || Number.isFinite(one))
  );
}
