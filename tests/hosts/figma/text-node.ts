import type { FontName, PluginAPI, TextNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { PaintedFigmaNode } from './painted-node.ts';

/** By document: fonts that a plugin has loaded, as `family style`. */
const loadedFonts = new WeakMap<object, Set<string>>();

export function loadFont(document: object, { family, style }: FontName): void {
  const fonts = loadedFonts.get(document) ?? new Set<string>();
  loadedFonts.set(document, fonts.add(`${family} ${style}`));
}

/** Text can be written once its font is loaded. */
export class TextFigmaNode extends PaintedFigmaNode implements Pick<TextNode, 'characters' | 'fontName'> {
  get characters(): string {
    return this.record.characters;
  }

  set characters(characters: string) {
    this.#assertFontLoaded('set_characters');
    this.patch({ characters, width: Math.max(1, characters.length * 7), height: 15 });
  }

  get fontName(): FontName {
    return { ...this.record.fontName };
  }

  set fontName(fontName: FontName | PluginAPI['mixed']) {
    this.patch({ fontName: fontName as FontName });
    this.#assertFontLoaded('set_fontName');
  }

  #assertFontLoaded(member: string): void {
    const { family, style } = this.record.fontName;
    if (loadedFonts.get(this.document)?.has(`${family} ${style}`)) return;
    const call = `figma.loadFontAsync({ family: "${family}", style: "${style}" })`;
    throw new Error(
      `in ${member}: Cannot write to node with unloaded font "${family} ${style}". Please call ${call}`,
    );
  }
}
