import type { JSX, TargetedPointerEvent } from 'preact';
import { useEditor } from './editor-context.ts';

const keySteps: Readonly<Record<string, number>> = {
  ArrowLeft: -0.02,
  ArrowRight: 0.02,
  PageDown: -0.1,
  PageUp: 0.1,
};

/** The line between before and after: the view draws it, this takes hold of it. */
export function SplitHandle(): JSX.Element | null {
  const { split, screen } = useEditor();
  const position = split.value;
  if (position === undefined) return null;
  const move = (to: number) => {
    split.value = Math.min(1, Math.max(0, to));
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { left } = event.currentTarget.parentElement!.getBoundingClientRect();
    move((event.clientX - left) / screen.value.width);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = keySteps[event.key];
    if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    event.stopPropagation();
    move(step === undefined ? Number(event.key === 'End') : position + step);
  };
  return (
    <div
      class="split-handle"
      style={{ left: `${position * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label="Before and after"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(position * 100)}
      aria-valuetext={`${Math.round(position * 100)} % before`}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    >
      <span class="split-label split-before" aria-hidden="true">
        Before
      </span>
      <span class="split-label split-after" aria-hidden="true">
        After
      </span>
    </div>
  );
}
