/** Looks that the server puts around a prompt: their names for the fields, and taken off a result's words again to show them. */
import {
  type Capabilities,
  type JobRequest,
  promptGap,
  type StyleCapability,
} from '../../../bridge/protocol/messages.ts';
import { type DiffusionSettings, settingsOf } from './diffusion-settings.ts';

/** Those that can be used. */
export function stylesOf(capabilities: Pick<Capabilities, 'styles'> | undefined): readonly StyleCapability[] {
  return (capabilities?.styles ?? []).filter(({ problem }) => problem === undefined);
}

/** What the server makes of the words, e.g. `ink drawing of a kite, fine lines`. */
export function wordsInStyle(
  { prompt, negativePrompt }: Pick<DiffusionSettings, 'prompt' | 'negativePrompt'>,
  style: StyleCapability,
): Pick<DiffusionSettings, 'prompt' | 'negativePrompt'> {
  const words = prompt.trim();
  return {
    // A replacement in a function: `$&` in a prompt is no pattern.
    prompt: style.prompt?.replace(promptGap, () => words) ?? words,
    negativePrompt: [negativePrompt.trim(), style.negativePrompt].filter(Boolean).join(', '),
  };
}

export interface Unstyled {
  /** With the style's name where one was put around. */
  readonly settings: DiffusionSettings;
  readonly style?: StyleCapability;
}

/** The user's own words of settings that a style was put around; the settings as they are where none was. */
export function withoutStyle(settings: DiffusionSettings, styles: readonly StyleCapability[]): Unstyled {
  for (const style of styles) {
    const [before = '', after = ''] = (style.prompt ?? promptGap).split(promptGap);
    const { prompt, negativePrompt } = settings;
    const added = style.negativePrompt ?? '';
    const isInside = prompt.startsWith(before) && prompt.endsWith(after);
    // Of a style without words nothing can be told.
    if (before === '' && after === '') continue;
    if (!isInside || prompt.length <= before.length + after.length || !negativePrompt.endsWith(added))
      continue;
    const own = negativePrompt.slice(0, negativePrompt.length - added.length).replace(/, $/, '');
    return {
      style,
      settings: {
        ...settings,
        style: style.name,
        prompt: prompt.slice(before.length, prompt.length - after.length),
        negativePrompt: own,
      },
    };
  }
  return { settings };
}

/** What a result was made from, in the user's own words, and in which style; nothing for one without words. */
export function wordsOfUser(
  request: JobRequest,
  styles: readonly StyleCapability[],
): { readonly prompt: string; readonly style?: StyleCapability } | undefined {
  const used = settingsOf(request);
  if (used === undefined) return undefined;
  const { settings, style } = withoutStyle(used, styles);
  return { prompt: settings.prompt, ...(style !== undefined && { style }) };
}
