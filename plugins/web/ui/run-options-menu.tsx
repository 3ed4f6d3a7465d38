import type { JSX } from 'preact';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { useEditor } from './editor-context.ts';
import { Popover } from './popover.tsx';

const maxSeed = 2 ** 32 - 1;
/** Of a server that has not said yet. */
const likelyMaxCount = 8;

/** How many variations, and of which seed. */
export function RunOptionsMenu(): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const { count, seed } = editor.runOptions.value;
  const maxCount = editor.connection.capabilities.value?.limits.maxCount ?? likelyMaxCount;
  return (
    <Popover icon="settings" label="Variations and seed" side="above" align="end">
      {() => (
        <div class="menu">
          <NumberField
            label="Variations"
            value={count}
            min={1}
            max={maxCount}
            onChange={(value = 1) => {
              editor.runOptions.value = { ...editor.runOptions.value, count: value };
            }}
          />
          <NumberField
            label="Seed"
            value={seed}
            min={0}
            max={maxSeed}
            placeholder="any"
            onChange={(value) => {
              editor.runOptions.value = { count, ...(value !== undefined && { seed: value }) };
            }}
          />
          <p class="muted">The same seed on the same selection gives the same picture.</p>
        </div>
      )}
    </Popover>
  );
}
