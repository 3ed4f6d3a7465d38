import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { PictureView } from '../canvas/picture-view.ts';
import { resizeScreen } from '../editor/view.ts';
import { bindPicture } from './bind-picture.ts';
import { useEditor } from './editor-context.ts';
import { GestureOutline } from './gesture-outline.tsx';
import { listenToPointers } from './pointer-events.ts';
import { SplitHandle } from './split-handle.tsx';

/** The picture itself: what is seen of it, and what the pointer does to it. */
export function Stage(): JSX.Element {
  const editor = useEditor();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  // Before the painting: who presses on what is seen, or has gone on to the prompt by then, is not to be disturbed.
  useLayoutEffect(() => {
    const view = new PictureView(canvas.current!);
    const resize = () => {
      const { width, height } = frame.current!.getBoundingClientRect();
      view.setSize({ width, height, devicePixelRatio });
      resizeScreen(editor, { width, height });
    };
    const observer = new ResizeObserver(resize);
    observer.observe(frame.current!);
    const unbind = bindPicture(editor, view);
    const unlisten = listenToPointers(editor, { canvas: canvas.current!, view });
    canvas.current!.focus({ preventScroll: true });
    return () => {
      observer.disconnect();
      unlisten();
      unbind();
      view.destroy();
    };
  }, [editor]);

  useEffect(
    () =>
      effect(() => {
        canvas.current!.dataset.tool = editor.activeTool;
      }),
    [editor],
  );

  const { fileName, size } = editor.basis.value!;
  const selected = editor.hasSelection.value ? 'Something is selected.' : 'Nothing is selected.';
  return (
    <div class="stage" ref={frame}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: drawing is a kind of its own */}
      <canvas
        ref={canvas}
        class="picture"
        role="application"
        tabIndex={0}
        aria-label={`Picture ${fileName}, ${size.width} by ${size.height} pixels. ${selected}`}
        aria-roledescription="picture editor"
      />
      <GestureOutline />
      <SplitHandle />
    </div>
  );
}
