/**
 * What a prompt asks for in tags, as A1111 has them (its modules/extra_networks.py, extensions-builtin/Lora/extra_networks_lora.py):
 * `<lora:name:0.8>` (and `<lyco:…>`, which is the same) with the strength of both networks, `<lora:name:0.5:0.8>` with those
 * of text encoder and UNet, in this order, and `<hypernet:name:1>`. A LoRA's are `te=`, `unet=` and `dyn=` too, which go before
 * those by place; places count what has no such name.
 */
import { EngineError } from '../errors.ts';

export interface LoraTag {
  readonly name: string;
  /** Of what it changes in the UNet. */
  readonly strength: number;
  readonly textEncoderStrength: number;
  /** How many of its ranks are used, the first ones (DyLoRA, arXiv 2210.07558); all of them without it. */
  readonly usedRank?: number;
}

export interface HypernetworkTag {
  readonly name: string;
  readonly strength: number;
}

export interface ExtraNetworks {
  /** The prompt without its tags. */
  readonly text: string;
  readonly loras: readonly LoraTag[];
  readonly hypernetworks: readonly HypernetworkTag[];
}

/** As far as a strength goes either way: beyond it, pictures are noise. */
export const maxTagStrength = 10;
/** No file has factors of a higher rank. */
export const maxTagRank = 1024;

/** A backslash before it makes a tag text; other words than these between the brackets are text too. */
const tags = /\\?<(lora|lyco|hypernet):([^<>]*)>/gi;

/** Throws `invalid-option` for a tag that names nothing or has no number where a strength belongs. */
export function readExtraNetworks(prompt: string): ExtraNetworks {
  const loras: LoraTag[] = [];
  const hypernetworks: HypernetworkTag[] = [];
  const text = prompt.replaceAll(tags, (tag: string, word: string, content: string) => {
    if (tag.startsWith('\\')) return tag.slice(1);
    const { name, options } = partsOf(content);
    if (name === '') throw badTag(tag, 'a name after the first colon');
    if (isLora(word)) loras.push({ name, ...loraValues(tag, options) });
    else hypernetworks.push({ name, strength: hypernetworkStrength(tag, options) });
    return '';
  });
  return { text, loras, hypernetworks };
}

/** The LoRAs that a prompt names. Of the rest nothing is checked: a prompt with choices in it is none yet. */
export function loraTagNames(prompt: string): readonly string[] {
  return [...prompt.matchAll(tags)]
    .filter(([tag, word]) => !tag.startsWith('\\') && isLora(word!))
    .map(([, , content]) => partsOf(content!).name);
}

function isLora(word: string): boolean {
  return word.toLowerCase() !== 'hypernet';
}

function partsOf(content: string): { readonly name: string; readonly options: readonly string[] } {
  const [name = '', ...options] = content.split(':').map((part) => part.trim());
  return { name, options };
}

function loraValues(tag: string, options: readonly string[]): Omit<LoraTag, 'name'> {
  const places: string[] = [];
  const named = new Map<string, string>();
  for (const option of options) {
    const match = /^(te|unet|dyn)\s*=\s*(.*)$/.exec(option);
    if (match === null) places.push(option);
    else named.set(match[1]!, match[2]!);
  }
  const { te = places[0], unet = places[1], dyn = places[2] } = Object.fromEntries(named);
  const textEncoderStrength = te === undefined ? 1 : numberOf(te);
  const strength = unet === undefined ? textEncoderStrength : numberOf(unet);
  const usedRank = dyn === undefined ? undefined : numberOf(dyn);
  if (places.length > 3 || !isStrength(textEncoderStrength) || !isStrength(strength)) {
    throw badTag(
      tag,
      `strengths from -${maxTagStrength} to ${maxTagStrength} after the name, of the text encoder (or \`te=\`) and of the UNet (\`unet=\`), and a rank (\`dyn=\`), each only if it is needed,`,
    );
  }
  if (usedRank === undefined) return { strength, textEncoderStrength };
  if (!Number.isInteger(usedRank) || usedRank < 1 || usedRank > maxTagRank) {
    throw badTag(tag, `a whole number from 1 to ${maxTagRank} as the rank`);
  }
  return { strength, textEncoderStrength, usedRank };
}

function hypernetworkStrength(tag: string, [first = '1', ...rest]: readonly string[]): number {
  const strength = numberOf(first);
  if (rest.length === 0 && isStrength(strength)) return strength;
  throw badTag(tag, `one number from -${maxTagStrength} to ${maxTagStrength} after the name`);
}

/** NaN for what is none. */
function numberOf(text: string): number {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function isStrength(value: number): boolean {
  return Math.abs(value) <= maxTagStrength;
}

function badTag(tag: string, expected: string): EngineError {
  return new EngineError('invalid-option', `Expected ${expected} in the prompt's \`${tag}\`.`, {
    hint: 'Write it as `<lora:name:0.8>`, or put a backslash before it if it is meant as text.',
  });
}
