/** The colours that Figma gives a plugin's page with `themeColors: true`: a class on its root, and custom properties. */

export type Theme = 'light' | 'dark';

const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  bg: ['#ffffff', '#2c2c2c'],
  'bg-hover': ['#f5f5f5', '#383838'],
  'bg-pressed': ['#e6e6e6', '#444444'],
  'bg-secondary': ['#f5f5f5', '#383838'],
  'bg-tertiary': ['#e6e6e6', '#444444'],
  'bg-selected': ['#e5f4ff', '#394360'],
  'bg-disabled': ['#d9d9d9', '#757575'],
  'bg-inverse': ['#2c2c2c', '#e5e5e5'],
  'bg-brand': ['#0d99ff', '#0c8ce9'],
  'bg-brand-hover': ['#007be5', '#0a6dc2'],
  'bg-brand-pressed': ['#007be5', '#0a6dc2'],
  'bg-brand-tertiary': ['#e5f4ff', '#394360'],
  'bg-danger': ['#f24822', '#e03e1a'],
  'bg-danger-tertiary': ['#ffe2e0', '#60332a'],
  'bg-success': ['#14ae5c', '#198f51'],
  'bg-success-tertiary': ['#cff7d3', '#314436'],
  'bg-warning': ['#ffcd29', '#f3c11b'],
  'bg-warning-tertiary': ['#fff1c2', '#4a3f1f'],
  text: ['#000000e5', '#ffffff'],
  'text-hover': ['#000000e5', '#ffffff'],
  'text-secondary': ['#00000080', '#ffffffb2'],
  'text-tertiary': ['#0000004d', '#ffffff66'],
  'text-disabled': ['#0000004d', '#ffffff66'],
  'text-brand': ['#007be5', '#7cc4f8'],
  'text-onbrand': ['#ffffff', '#ffffff'],
  'text-danger': ['#dc3412', '#fca397'],
  'text-ondanger': ['#ffffff', '#ffffff'],
  'text-success': ['#009951', '#79d297'],
  'text-warning': ['#b86200', '#f7d15f'],
  'text-onwarning': ['#000000e5', '#000000e5'],
  icon: ['#000000e5', '#ffffff'],
  'icon-secondary': ['#00000080', '#ffffffb2'],
  'icon-tertiary': ['#0000004d', '#ffffff66'],
  'icon-disabled': ['#0000004d', '#ffffff66'],
  'icon-brand': ['#007be5', '#7cc4f8'],
  'icon-onbrand': ['#ffffff', '#ffffff'],
  'icon-danger': ['#dc3412', '#fca397'],
  border: ['#e6e6e6', '#444444'],
  'border-strong': ['#2c2c2c', '#ffffff'],
  'border-disabled': ['#b3b3b3', '#757575'],
  'border-selected': ['#0d99ff', '#0c8ce9'],
  'border-brand': ['#bde3ff', '#394e69'],
  'border-brand-strong': ['#007be5', '#7cc4f8'],
  'border-danger': ['#ffc7c2', '#7a3a2e'],
  'border-danger-strong': ['#dc3412', '#fca397'],
};

export function themeStyle(theme: Theme): string {
  const variables = Object.entries(colours).map(
    ([name, [light, dark]]) => `--figma-color-${name}:${theme === 'light' ? light : dark}`,
  );
  return `<style id="figma-style">:root{color-scheme:${theme};${variables.join(';')}}</style>`;
}
