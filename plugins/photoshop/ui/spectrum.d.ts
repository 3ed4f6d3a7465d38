/** Photoshop's own elements, as far as the panel uses them. */
import type { HTMLAttributes } from 'preact';

/** What Photoshop's elements have besides those of HTML. */
export interface SpectrumElement extends HTMLElement {
  value: string;
  checked: boolean;
  selectedIndex: number;
}

interface SpectrumAttributes extends HTMLAttributes<SpectrumElement> {
  variant?: string;
  quiet?: boolean;
  disabled?: boolean | undefined;
  placeholder?: string | undefined;
  maxlength?: number | undefined;
  min?: number;
  max?: number;
  step?: number;
  value?: number | string;
  selected?: boolean;
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'sp-action-button': SpectrumAttributes;
      'sp-button': SpectrumAttributes;
      'sp-checkbox': SpectrumAttributes;
      'sp-dropdown': SpectrumAttributes;
      'sp-label': SpectrumAttributes;
      'sp-menu': SpectrumAttributes;
      'sp-menu-item': SpectrumAttributes;
      'sp-progressbar': SpectrumAttributes;
      'sp-slider': SpectrumAttributes;
      'sp-textarea': SpectrumAttributes;
      'sp-textfield': SpectrumAttributes;
    }
  }
}
