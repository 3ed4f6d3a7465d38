/** A style as a file: what it is called, the words around a prompt, and the settings that suit it. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { modelFamilies } from '../../engine/api.ts';
import {
  areFalling,
  defaultLimits,
  loraStrengthRange,
  maxNameLength,
  timestepRange,
} from '../protocol/limits.ts';
import { promptGap, type StyleCapability } from '../protocol/messages.ts';

/** The name of a style is its file's, without this. */
export const styleExtension = '.json';
export const maxStyleFileBytes = 65_536;
const styleNamePattern = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u;

const { maxPromptLength, maxInferenceSteps, maxGuidanceScale, maxClipSkip, maxLoras } = defaultLimits;
const modelName = z.string().min(1).max(maxNameLength);
const loraStrength = z.number().min(loraStrengthRange.min).max(loraStrengthRange.max);

const styleSchema = z.strictObject({
  title: z.string().trim().min(1).max(maxNameLength),
  prompt: z
    .string()
    .max(maxPromptLength)
    .refine((text) => text.split(promptGap).length === 2, `expected ${promptGap} once, where the prompt goes`)
    .exactOptional(),
  negativePrompt: z.string().max(maxPromptLength).exactOptional(),
  family: z.enum(modelFamilies).exactOptional(),
  checkpoint: modelName.exactOptional(),
  vae: modelName.exactOptional(),
  loras: z
    .array(
      z.strictObject({
        model: modelName,
        strength: loraStrength.exactOptional(),
        textEncoderStrength: loraStrength.exactOptional(),
      }),
    )
    .max(maxLoras)
    .exactOptional(),
  scheduler: z.string().min(1).max(maxNameLength).exactOptional(),
  numInferenceSteps: z.int().min(1).max(maxInferenceSteps).exactOptional(),
  timesteps: z
    .array(z.int().min(timestepRange.min).max(timestepRange.max))
    .min(1)
    .max(maxInferenceSteps)
    .refine(areFalling, 'expected falling ones')
    .exactOptional(),
  guidanceScale: z.number().min(0).max(maxGuidanceScale).exactOptional(),
  clipSkip: z.int().min(1).max(maxClipSkip).exactOptional(),
});

/** Reads one; a file that is no style is listed with what is wrong with it. Never rejects. */
export async function readStyle(file: string, origin: StyleCapability['origin']): Promise<StyleCapability> {
  const name = path.basename(file, styleExtension);
  try {
    if (!styleNamePattern.test(name)) throw new Error(`expected a plain name of 64 characters at most`);
    const { size } = await stat(file);
    if (size > maxStyleFileBytes) {
      throw new Error(`expected ${maxStyleFileBytes} bytes at most, received ${size}`);
    }
    return { name, origin, ...parseStyle(await readFile(file, 'utf8')) };
  } catch (error) {
    return { name, origin, title: name, problem: `${file}: ${(error as Error).message}` };
  }
}

function parseStyle(text: string): z.infer<typeof styleSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`expected JSON, received something else (${(error as Error).message})`, { cause: error });
  }
  const { success, data, error } = styleSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new Error(`${issue?.path.join('.') || 'the style'}: ${issue?.message}`);
}
