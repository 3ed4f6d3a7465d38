import type { JSX } from 'preact';
import { Icon } from '../../shared/ui/icon.tsx';
import { useEditor } from './editor-context.ts';
import { RadioGroup } from './radio-group.tsx';

/** How the next shape joins what is selected. Shift adds and Alt subtracts, whatever is chosen. */
export function SelectionModes(): JSX.Element {
  const { selectionMode } = useEditor();
  return (
    <RadioGroup
      label="The next shape"
      value={selectionMode.value}
      choices={[
        { value: 'replace', label: 'Replaces the selection', content: <Icon name="rectangle" /> },
        { value: 'add', label: 'Adds to the selection (Shift)', content: <Icon name="add" /> },
        { value: 'subtract', label: 'Subtracts from the selection (Alt)', content: <Icon name="minus" /> },
      ]}
      onChange={(mode) => {
        selectionMode.value = mode;
      }}
    />
  );
}
