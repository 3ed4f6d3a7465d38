/**
 * What a prompt asks for in tags, as A1111 has them: `<lora:name:0.8>` (and `<lyco:…>`, which is the same) with the strength
 * of both networks, `<lora:name:0.5:0.8>` with those of text encoder and UNet, in this order, and `<hypernet:name:1>`.
 */
import { EngineError } from '../errors.ts';

export interface LoraTag {
  readonly name: string;
  /** Of what it changes in the UNet. */
  readonly strength: number;
  readonly textEncoderStrength: number;
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

/** A backslash before it makes a tag text; other words than these between the brackets are text too. */
const tags = /\\?<(lora|lyco|hypernet):([^<>]*)>/gi;

/** Throws `invalid-option` for a tag that names nothing or has no number where a strength belongs. */
export function readExtraNetworks(prompt: string): ExtraNetworks {
  const loras: LoraTag[] = [];
  const hypernetworks: HypernetworkTag[] = [];
  const text = prompt.replaceAll(tags, (tag: string, word: string, content: string) => {
    if (tag.startsWith('\\')) return tag.slice(1);
    const [name = '', ...options] = content.split(':').map((part) => part.trim());
    if (name === '') throw badTag(tag, 'a name after the first colon');
    const isLora = word.toLowerCase() !== 'hypernet';
    const { first, second } = strengths(tag, options, isLora);
    if (isLora) loras.push({ name, strength: second ?? first, textEncoderStrength: first });
    else hypernetworks.push({ name, strength: first });
    return '';
  });
  return { text, loras, hypernetworks };
}

/** Numbers in order, or as `te=0.5` and `unet=0.8`. */
function strengths(
  tag: string,
  options: readonly string[],
  isLora: boolean,
): { readonly first: number; readonly second?: number } {
  const values: { first: number; second?: number } = { first: 1 };
  options.forEach((option, index) => {
    const match = /^(?:(te|unet)=)?([+-]?(?:\d+(?:\.\d*)?|\.\d+))$/.exec(option);
    const value = Number(match?.[2]);
    const isSound = match !== null && index < (isLora ? 2 : 1) && (isLora || match[1] === undefined);
    if (!isSound || Math.abs(value) > maxTagStrength) {
      throw badTag(
        tag,
        `${isLora ? 'one or two numbers' : 'one number'} from -${maxTagStrength} to ${maxTagStrength} after the name`,
      );
    }
    const isSecond = match[1] === undefined ? index === 1 : match[1] === 'unet';
    if (isSecond) values.second = value;
    else values.first = value;
  });
  return values;
}

function badTag(tag: string, expected: string): EngineError {
  return new EngineError('invalid-option', `Expected ${expected} in the prompt's \`${tag}\`.`, {
    hint: 'Write it as `<lora:name:0.8>`, or put a backslash before it if it is meant as text.',
  });
}
