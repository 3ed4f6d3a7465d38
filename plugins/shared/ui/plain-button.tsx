import type { ComponentChildren, JSX, TargetedKeyboardEvent } from 'preact';

export interface PlainButtonProps {
  /** All of its looks. */
  readonly class: string;
  readonly children: ComponentChildren;
  /** Of one that stays down. */
  readonly isPressed?: boolean;
  /** Of one among several that lead somewhere: it is there. */
  readonly isCurrent?: boolean;
  /** Of one that opens the element with the id `controls`. */
  readonly isExpanded?: boolean;
  readonly controls?: string;
  readonly onPress: () => void;
}

/** A button with looks of our own: Photoshop draws `<button>` as its own, with nothing but words in it. */
export function PlainButton(props: PlainButtonProps): JSX.Element {
  const { class: name, children, isPressed, isCurrent, isExpanded, controls, onPress } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div
      class={name}
      role="button"
      tabIndex={0}
      aria-pressed={isPressed}
      aria-current={isCurrent ? 'page' : undefined}
      aria-expanded={isExpanded}
      aria-controls={controls}
      onClick={onPress}
      onKeyDown={(event) => pressByKey(event, onPress)}
    >
      {children}
    </div>
  );
}

function pressByKey(event: TargetedKeyboardEvent<HTMLElement>, onPress: () => void): void {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  // A space would scroll.
  event.preventDefault();
  onPress();
}
