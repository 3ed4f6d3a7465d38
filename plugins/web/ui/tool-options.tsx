import type { JSX } from 'preact';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { clearSelection, invertSelection } from '../editor/edit-selection.ts';
import { maxBrushDiameter, minBrushDiameter, setDiameter } from '../editor/editor-store.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { SelectionMenu } from './selection-menu.tsx';
import { SelectionModes } from './selection-modes.tsx';

/** How the tool in the hand works, and what can be done with the selection. */
export function ToolOptions(): JSX.Element | null {
  const editor = useEditor();
  const tool = editor.tool.value;
  if (editor.mode.value !== 'select') return null;
  const isLocked = editor.isLocked.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
    <div class="tool-options pill" role="group" aria-label="Tool options">
      {(tool === 'brush' || tool === 'eraser') && <BrushOptions />}
      {(tool === 'lasso' || tool === 'rectangle') && <SelectionModes />}
      {tool !== 'hand' && <span class="divider" />}
      <IconButton
        icon="contrast"
        label="Invert the selection"
        shortcut="I"
        isDisabled={isLocked}
        onPress={() => invertSelection(editor)}
      />
      <IconButton
        icon="nothing"
        label="Clear the selection"
        shortcut="Esc"
        isDisabled={isLocked || !editor.hasSelection.value}
        onPress={() => clearSelection(editor)}
      />
      <SelectionMenu />
    </div>
  );
}

function BrushOptions(): JSX.Element {
  const editor = useEditor();
  const { Slider } = useWidgets();
  const diameter = editor.diameter.value;
  const softness = Math.round(editor.softness.value * 100);
  return (
    <>
      <Slider
        label="Size"
        value={positionOf(diameter)}
        min={0}
        max={sliderSteps}
        valueText={`${diameter} px`}
        onInput={(position) => setDiameter(editor, diameterAt(position))}
      />
      <Slider
        label="Softness"
        value={softness}
        min={0}
        max={100}
        valueText={`${softness} %`}
        onInput={(value) => {
          editor.softness.value = value / 100;
        }}
      />
    </>
  );
}

const sliderSteps = 100;
const diameterRatio = maxBrushDiameter / minBrushDiameter;

/** Equal ways of the slider make the brush larger by equal factors: small sizes are told apart as finely as large ones. */
function diameterAt(position: number): number {
  return minBrushDiameter * diameterRatio ** (position / sliderSteps);
}

function positionOf(diameter: number): number {
  return Math.round((sliderSteps * Math.log(diameter / minBrushDiameter)) / Math.log(diameterRatio));
}
