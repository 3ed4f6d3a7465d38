import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { stylesOf, wordsOfUser } from '../../store/styles.ts';
import { useWidgets } from '../../ui/widgets.ts';
import { type HistoryEntry, searched } from '../history-store.ts';
import { panelOperationNames } from '../operations.ts';
import { describeAge } from './age-words.ts';
import { usePanel } from './panel-context.ts';

/** More are found by searching, or shown when asked for. */
const pageLength = 20;

/** What was made, the newest first, to find and to use again. */
export function HistoryView(): JSX.Element {
  const { history } = usePanel();
  const { Button, TextField } = useWidgets();
  const [query, setQuery] = useState('');
  const [shownCount, setShownCount] = useState(pageLength);
  const entries = history.entries.value;
  const found = searched(entries, query);
  if (entries.length === 0) {
    return (
      <div class="inlay-view">
        <p class="inlay-muted inlay-empty">What you make is listed here, to be found and used again.</p>
      </div>
    );
  }
  return (
    <div class="inlay-view">
      <div class="inlay-search">
        <TextField label="Search" value={query} placeholder="prompt, document…" onInput={setQuery} />
      </div>
      {found.slice(0, shownCount).map((entry) => (
        <HistoryCard key={entry.id} entry={entry} />
      ))}
      {found.length === 0 && <p class="inlay-muted inlay-empty">Nothing is found by these words.</p>}
      <div class="inlay-actions">
        {found.length > shownCount && (
          <Button onPress={() => setShownCount(shownCount + pageLength)}>Show older</Button>
        )}
        <ClearButton />
      </div>
    </div>
  );
}

function HistoryCard({ entry }: { readonly entry: HistoryEntry }): JSX.Element {
  const panel = usePanel();
  const { IconButton } = useWidgets();
  const { recipe, documentName } = entry;
  const { operation, request, createdAt } = recipe;
  const words = wordsOfUser(request, stylesOf(panel.connection.capabilities.value));
  const title = words?.prompt ?? panelOperationNames[operation];
  const details = [
    panelOperationNames[operation],
    words?.style?.title,
    documentName,
    describeAge(Date.now() - createdAt),
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-card" role="group" aria-label={title}>
      <p class="inlay-card-title">{title}</p>
      <p class="inlay-muted inlay-small">{details.filter(Boolean).join(' · ')}</p>
      <div class="inlay-icon-row">
        <IconButton icon="settings" label="Use these settings" onPress={() => panel.reuse(recipe)} />
        <IconButton
          icon="visible"
          label="Show it in the document"
          onPress={() => void panel.reveal(recipe)}
        />
        <IconButton
          icon="retry"
          label="Run again in its place"
          isDisabled={!panel.isReady.value}
          onPress={() => void panel.repeat(recipe, 'same')}
        />
        <IconButton
          icon="delete"
          label="Delete from the history"
          onPress={() => void panel.history.delete(entry.id)}
        />
      </div>
    </div>
  );
}

/** What is cleared does not come back: asked once more. */
function ClearButton(): JSX.Element {
  const { history } = usePanel();
  const { Button } = useWidgets();
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) return <Button onPress={() => setAsking(true)}>Clear history</Button>;
  return (
    <>
      <Button isPrimary onPress={() => void history.clear()}>
        Clear it all
      </Button>
      <Button onPress={() => setAsking(false)}>Keep it</Button>
    </>
  );
}
