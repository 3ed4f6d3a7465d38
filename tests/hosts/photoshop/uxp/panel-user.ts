/**
 * Somebody at a panel: finds controls by their words, types, presses and chooses, and sees what is written there. Nobody is
 * so quick that the panel is not shown anew between two of these.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { HTMLElement, Window } from 'happy-dom';
import { patienceMs } from '../../../patience.ts';

/** UXP's own elements have these besides what every element has. */
interface Control extends HTMLElement {
  value: string | number;
  checked: boolean;
  selectedIndex: number;
}

/** Where two have the same words, the first kind that there is: Photoshop's own button before one in a list of choices. */
const buttonTags = ['sp-button', 'sp-action-button', '[role="button"]'] as const;
const fieldTags = 'sp-textfield, sp-textarea, sp-slider, sp-dropdown, sp-picker';

export class PanelUser {
  readonly #window: Window;
  readonly #root: HTMLElement;

  constructor(window: Window, root: HTMLElement) {
    this.#window = window;
    this.#root = root;
  }

  /** All that is written in the panel, its line breaks as spaces. */
  get text(): string {
    return (this.#root.textContent ?? '').replace(/\s+/g, ' ');
  }

  /** The source of the preview, or of whatever pictures are shown. */
  get pictureSources(): readonly string[] {
    return [...this.#root.querySelectorAll('img')].map((image) => image.getAttribute('src') ?? '');
  }

  /** Key by key into the field, and then leaves it. */
  async type(label: string, text: string): Promise<void> {
    const field = this.#field(label);
    this.#assertEnabled(field, label);
    field.value = text;
    this.#send(field, 'input');
    this.#send(field, 'change');
    await delay();
  }

  has(label: string): boolean {
    return this.#root.querySelector(`[aria-label="${label}"]`) !== null;
  }

  valueOf(label: string): string {
    return String(this.#field(label).value);
  }

  /** Presses one of several buttons of which one is down. */
  pick(words: string): Promise<void> {
    return this.#click('[aria-pressed]', words);
  }

  /** Opens what few people need. */
  unfold(words: string): Promise<void> {
    return this.#click('[aria-expanded="false"]', words);
  }

  async press(words: string): Promise<void> {
    const button = this.#button(words);
    assert.ok(button, `There is no button "${words}" in: ${this.text}`);
    this.#assertEnabled(button, words);
    this.#send(button, 'click');
    await delay();
  }

  canPress(words: string): boolean {
    const button = this.#button(words);
    return button !== undefined && !button.hasAttribute('disabled');
  }

  async choose(label: string, option: string): Promise<void> {
    const dropdown = this.#field(label);
    this.#assertEnabled(dropdown, label);
    const items = [...dropdown.querySelectorAll('sp-menu-item')];
    const index = items.findIndex((item) => wordsOf(item as HTMLElement).startsWith(option));
    assert.ok(index >= 0, `"${label}" has no "${option}", but ${items.map((item) => item.textContent)}`);
    dropdown.selectedIndex = index;
    this.#send(dropdown, 'change');
    await delay();
  }

  /** Waits until the panel says so. */
  async reads(pattern: RegExp, timeoutMs?: number): Promise<void> {
    await this.until(`"${pattern}"`, () => pattern.test(this.text), timeoutMs);
  }

  /** Waits until the button is there and can be pressed, and presses it. */
  async pressWhenReady(words: string): Promise<void> {
    await this.until(`the button "${words}"`, () => this.canPress(words));
    await this.press(words);
  }

  async until(what: string, look: () => boolean, timeoutMs = patienceMs): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!look()) {
      assert.ok(performance.now() < deadline, `Waited ${timeoutMs} ms for ${what}; the panel: ${this.text}`);
      await delay(10);
    }
  }

  async #click(selector: string, words: string): Promise<void> {
    const buttons = [...this.#root.querySelectorAll(selector)] as HTMLElement[];
    const button = buttons.find((candidate) => wordsOf(candidate) === words);
    assert.ok(button, `There is no "${words}" in: ${this.text}`);
    this.#send(button, 'click');
    await delay();
  }

  #field(label: string): Control {
    const fields = [...this.#root.querySelectorAll(fieldTags)] as unknown as Control[];
    const field = fields.find((candidate) => candidate.getAttribute('aria-label') === label);
    assert.ok(field, `There is no field "${label}" in: ${this.text}`);
    return field;
  }

  #button(words: string): HTMLElement | undefined {
    const buttons = buttonTags.flatMap((tag) => [...this.#root.querySelectorAll(tag)] as HTMLElement[]);
    return buttons.find((button) => wordsOf(button) === words);
  }

  #assertEnabled(control: HTMLElement, words: string): void {
    assert.ok(!control.hasAttribute('disabled'), `"${words}" is disabled; the panel: ${this.text}`);
  }

  #send(target: HTMLElement, type: string): void {
    target.dispatchEvent(new this.#window.Event(type, { bubbles: true, cancelable: true }));
  }
}

function wordsOf(element: HTMLElement): string {
  return element.getAttribute('aria-label') ?? (element.textContent ?? '').trim();
}
