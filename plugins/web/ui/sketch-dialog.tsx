import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { emptySketch, type Sketch, withoutLastLine } from '../document/sketch.ts';
import { sketchForNow, takeSketch } from '../editor/sketch.ts';
import { Dialog } from './dialog.tsx';
import { useEditor } from './editor-context.ts';
import { SketchPad } from './sketch-pad.tsx';

/** Of the pen, in thousandths of the sketch's longer side. */
const penRange = { min: 2, max: 60 };
const usualPen = 10;

/** Lines that a drawing is to follow. */
export function SketchDialog(): JSX.Element {
  const editor = useEditor();
  const { Button, Checkbox, Slider } = useWidgets();
  const sketch = useSignal<Sketch>(sketchForNow(editor));
  const [pen, setPen] = useState(usualPen);
  const [isEraser, setEraser] = useState(false);
  const close = () => {
    editor.isSketching.value = false;
  };
  const isEmpty = sketch.value.lines.length === 0;
  return (
    <Dialog title="Draw a sketch" onClose={close}>
      <div class="sketch">
        <SketchPad sketch={sketch} pen={pen} isEraser={isEraser} />
        <p class="muted">Drag to draw. By keys: arrows move the pen, Space sets it down or lifts it.</p>
        <div class="sketch-tools">
          <Slider label="Pen" value={pen} {...penRange} onInput={setPen} />
          <Checkbox label="Eraser" isChecked={isEraser} onChange={setEraser} />
          <Button
            isDisabled={isEmpty}
            onPress={() => {
              sketch.value = withoutLastLine(sketch.value);
            }}
          >
            Undo line
          </Button>
          <Button
            isDisabled={isEmpty}
            onPress={() => {
              sketch.value = emptySketch(sketch.value);
            }}
          >
            Clear
          </Button>
        </div>
        <div class="dialog-actions">
          <Button onPress={close}>Cancel</Button>
          <Button
            isPrimary
            isDisabled={isEmpty}
            onPress={() => {
              takeSketch(editor, sketch.value);
              close();
            }}
          >
            Use the sketch
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
