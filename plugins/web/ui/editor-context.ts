import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PageActions } from '../editor/commands.ts';
import type { EditorStore } from '../editor/editor-store.ts';

export interface EditorContextValue {
  readonly editor: EditorStore;
  readonly page: PageActions;
}

export const EditorContext = createContext<EditorContextValue | undefined>(undefined);

function useEditorContext(): EditorContextValue {
  const value = useContext(EditorContext);
  if (value === undefined)
    throw new Error('Expected an EditorContext around a component of the page, found none.');
  return value;
}

export function useEditor(): EditorStore {
  return useEditorContext().editor;
}

export function usePageActions(): PageActions {
  return useEditorContext().page;
}
