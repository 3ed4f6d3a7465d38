/** Light, dark, or as the system has it. Kept in the browser itself: it is needed before the first paint. */
import { signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'inlay.theme';

export const theme = signal<Theme>('system');

/** Before the first render. */
export function restoreTheme(): void {
  setTheme(themes.find((name) => name === localStorage.getItem(key)) ?? 'system');
}

export function setTheme(name: Theme): void {
  theme.value = name;
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  localStorage.setItem(key, name);
}

export function nextTheme(): void {
  setTheme(themes[(themes.indexOf(theme.value) + 1) % themes.length]!);
}
