/** Stand-ins for Spectrum's elements that UXP has built in: their properties, and no more. */
import type { HTMLElement, Window } from 'happy-dom';

type ElementConstructor = new () => HTMLElement;

/** Those without any behaviour that a plugin could see. */
const plainNames = [
  'sp-body',
  'sp-detail',
  'sp-divider',
  'sp-heading',
  'sp-icon',
  'sp-label',
  'sp-link',
  'sp-menu-divider',
  'sp-radio-group',
  'sp-tooltip',
] as const;

export function defineSpElements(window: Window): void {
  const Base = window.HTMLElement as unknown as ElementConstructor;

  class SpElement extends Base {
    get disabled(): boolean {
      return this.hasAttribute('disabled');
    }

    set disabled(isDisabled: boolean) {
      this.toggleAttribute('disabled', isDisabled);
    }
  }

  /** Text, which is a property only: the attribute is what it starts with. */
  class SpText extends SpElement {
    #value: string | undefined;

    get value(): string {
      return this.#value ?? this.getAttribute('value') ?? '';
    }

    set value(value: unknown) {
      this.#value = value === null || value === undefined ? '' : String(value);
    }
  }

  class SpSlider extends SpElement {
    #value = 0;

    get min(): number {
      return Number(this.getAttribute('min') ?? 0);
    }

    set min(min: unknown) {
      this.setAttribute('min', String(min));
    }

    get max(): number {
      return Number(this.getAttribute('max') ?? 100);
    }

    set max(max: unknown) {
      this.setAttribute('max', String(max));
    }

    get value(): number {
      return Math.min(this.max, Math.max(this.min, this.#value));
    }

    set value(value: unknown) {
      this.#value = Number(value);
    }
  }

  class SpCheckbox extends SpElement {
    get checked(): boolean {
      return this.hasAttribute('checked');
    }

    set checked(isChecked: unknown) {
      this.toggleAttribute('checked', Boolean(isChecked));
    }
  }

  class SpProgress extends SpElement {
    get max(): number {
      return Number(this.getAttribute('max') ?? 100);
    }

    set max(max: unknown) {
      this.setAttribute('max', String(max));
    }

    get value(): number {
      return Number(this.getAttribute('value') ?? 0);
    }

    set value(value: unknown) {
      this.setAttribute('value', String(value));
    }
  }

  class SpMenuItem extends SpElement {
    get selected(): boolean {
      return this.hasAttribute('selected');
    }

    set selected(isSelected: unknown) {
      this.toggleAttribute('selected', Boolean(isSelected));
    }
  }

  /** Knows its choice by number alone, and none that is not among its items by then. */
  class SpDropdown extends SpElement {
    #index: number | undefined;

    get items(): SpMenuItem[] {
      return [...this.querySelectorAll('sp-menu-item')] as unknown as SpMenuItem[];
    }

    get selectedIndex(): number {
      return this.#index ?? this.items.findIndex((item) => item.selected);
    }

    set selectedIndex(index: unknown) {
      const wanted = Number(index);
      this.#index = wanted >= 0 && wanted < this.items.length ? wanted : -1;
    }
  }

  const constructors: Readonly<Record<string, ElementConstructor>> = {
    'sp-button': class extends SpElement {},
    'sp-action-button': class extends SpElement {},
    'sp-textfield': class extends SpText {},
    'sp-textarea': class extends SpText {},
    'sp-slider': SpSlider,
    'sp-checkbox': SpCheckbox,
    'sp-radio': class extends SpCheckbox {},
    'sp-progressbar': SpProgress,
    'sp-menu-item': SpMenuItem,
    'sp-menu': class extends SpElement {},
    'sp-dropdown': class extends SpDropdown {},
    'sp-picker': class extends SpDropdown {},
    ...Object.fromEntries(plainNames.map((name) => [name, class extends SpElement {}])),
  };
  for (const [name, element] of Object.entries(constructors)) {
    window.customElements.define(name, element as never);
  }
}
