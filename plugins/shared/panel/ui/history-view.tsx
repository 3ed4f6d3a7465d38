import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWidgets } from '../../ui/widgets.ts';
import { entryTitle, type HistoryEntry, searched } from '../history-store.ts';
import { panelOperationNames } from '../operations.ts';
import { usePanel } from './panel-context.ts';

/** What was made, the newest first, to find and to use again. */
export function HistoryView(): JSX.Element {
  const { history } = usePanel();
  const { Button, TextField } = useWidgets();
  const [query, setQuery] = useState('');
  const entries = history.entries.value;
  const found = searched(entries, query);
  if (entries.length === 0) {
    return <p class="inlay-muted inlay-view">What you make will be listed here.</p>;
  }
  return (
    <div class="inlay-view">
      <TextField label="Search" value={query} placeholder="prompt, document…" onInput={setQuery} />
      {found.map((entry) => (
        <HistoryCard key={entry.id} entry={entry} />
      ))}
      {found.length === 0 && <p class="inlay-muted">Nothing found.</p>}
      <Button onPress={() => void history.clear()}>Clear history</Button>
    </div>
  );
}

function HistoryCard({ entry }: { readonly entry: HistoryEntry }): JSX.Element {
  const panel = usePanel();
  const { Button, IconButton } = useWidgets();
  const { recipe, documentName } = entry;
  const details = [panelOperationNames[recipe.operation], documentName];
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-card" role="group" aria-label={entryTitle(recipe)}>
      <div class="inlay-card-head">
        <p class="inlay-card-title">{entryTitle(recipe)}</p>
        <IconButton icon="delete" label="Delete" onPress={() => void panel.history.delete(entry.id)} />
      </div>
      <p class="inlay-muted">{details.filter(Boolean).join(' · ')}</p>
      <div class="inlay-actions">
        <Button onPress={() => panel.reuse(recipe)}>Use settings</Button>
        <Button onPress={() => void panel.reveal(recipe)}>Show</Button>
        <Button isDisabled={!panel.isReady.value} onPress={() => void panel.repeat(recipe, 'same')}>
          Run again
        </Button>
      </div>
    </div>
  );
}
