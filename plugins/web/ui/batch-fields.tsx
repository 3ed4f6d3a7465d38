import type { JSX } from 'preact';
import { SeedField } from '../../shared/ui/seed-field.tsx';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { currentModel } from '../editor/words.ts';
import { useEditor } from './editor-context.ts';

/** Of a server that has not said yet. */
const likelyMaxCount = 8;

/** How many variations, and of which seed. */
export function BatchFields(): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const { count, seed } = editor.runOptions.value;
  const maxCount = editor.connection.capabilities.value?.limits.maxCount ?? likelyMaxCount;
  const layer = editor.selectedLayer.value;
  const shown = layer?.variations[layer.shown]?.request;
  return (
    <>
      <NumberField
        label="Variations"
        value={count}
        min={1}
        max={maxCount}
        onChange={(value = 1) => {
          editor.runOptions.value = { ...editor.runOptions.value, count: value };
        }}
      />
      <SeedField
        seed={seed}
        shownSeed={shown && 'seed' in shown ? shown.seed : undefined}
        isPlain={currentModel(editor) === undefined}
        onChange={(value) => {
          editor.runOptions.value = { count, ...(value !== undefined && { seed: value }) };
        }}
      />
    </>
  );
}
