import type { JSX } from 'preact';
import { IconButton } from './icon-button.tsx';
import { nextTheme, theme } from './theme.ts';

/** Goes round: as the system has it, light, dark. */
export function ThemeToggle(): JSX.Element {
  const name = theme.value;
  return (
    <IconButton
      icon={name}
      label={`Colours: ${name === 'system' ? 'as the system' : name}`}
      onPress={nextTheme}
    />
  );
}
