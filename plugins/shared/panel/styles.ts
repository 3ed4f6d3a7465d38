/** Looks that are said in words: put around the prompt when a request is made, and taken off again to show it. */
import type { JobRequest } from '../../../bridge/protocol/messages.ts';
import { type DiffusionSettings, settingsOf } from '../store/diffusion-settings.ts';
import list from './styles.json' with { type: 'json' };

export interface Style {
  readonly id: string;
  readonly name: string;
  /** With `{prompt}` where the user's own words go. */
  readonly prompt: string;
  /** Added to the user's own. */
  readonly negativePrompt: string;
}

export const styles: readonly Style[] = list;

const gap = '{prompt}';

export function styleById(id: string | undefined): Style | undefined {
  return styles.find((style) => style.id === id);
}

/** The settings as they are sent. Without words of the user's own there is nothing to put a style around. */
export function withStyle(settings: DiffusionSettings, style: Style | undefined): DiffusionSettings {
  const prompt = settings.prompt.trim();
  if (style === undefined || prompt === '') return settings;
  return {
    ...settings,
    // A replacement in a function: `$&` in a prompt is no pattern.
    prompt: style.prompt.replace(gap, () => prompt),
    negativePrompt: [settings.negativePrompt.trim(), style.negativePrompt].filter(Boolean).join(', '),
  };
}

export interface Unstyled {
  readonly settings: DiffusionSettings;
  readonly style?: Style;
}

/** The user's own words of settings that a style was put around; the settings as they are where none was. */
export function withoutStyle(settings: DiffusionSettings): Unstyled {
  for (const style of styles) {
    const [before = '', after = ''] = style.prompt.split(gap);
    const { prompt, negativePrompt } = settings;
    const isInside = prompt.startsWith(before) && prompt.endsWith(after);
    if (!isInside || prompt.length <= before.length + after.length) continue;
    if (!negativePrompt.endsWith(style.negativePrompt)) continue;
    return {
      style,
      settings: {
        ...settings,
        prompt: prompt.slice(before.length, prompt.length - after.length),
        negativePrompt: negativePrompt
          .slice(0, negativePrompt.length - style.negativePrompt.length)
          .replace(/, $/, ''),
      },
    };
  }
  return { settings };
}

/** What a result was made from, in the user's own words, and in which style; nothing for one without words. */
export function wordsOfUser(
  request: JobRequest,
): { readonly prompt: string; readonly style?: Style } | undefined {
  const used = settingsOf(request);
  if (used === undefined) return undefined;
  const { settings, style } = withoutStyle(used);
  return { prompt: settings.prompt, ...(style !== undefined && { style }) };
}
