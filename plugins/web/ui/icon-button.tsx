import type { JSX } from 'preact';
import { Icon, type IconName } from '../../shared/ui/icon.tsx';

export interface IconButtonProps {
  readonly icon: IconName;
  /** Its name, and its tooltip. */
  readonly label: string;
  /** As the tooltip shows it, e.g. `B`. */
  readonly shortcut?: string;
  readonly onPress: () => void;
  /** Of a button that stays pressed. */
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
}

export function IconButton({
  icon,
  label,
  shortcut,
  onPress,
  isPressed,
  isDisabled,
}: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="inlay-icon-button"
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut})`}
      aria-pressed={isPressed}
      disabled={isDisabled}
      onMouseDown={keepFocus}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A click leaves the focus in the picture, so that Space goes on moving it instead of pressing the button again. */
export function keepFocus(event: Event): void {
  event.preventDefault();
}
