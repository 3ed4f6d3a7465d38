import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PanelStore } from '../panel-store.ts';

export const PanelContext = createContext<PanelStore | undefined>(undefined);

export function usePanel(): PanelStore {
  const panel = useContext(PanelContext);
  if (panel === undefined)
    throw new Error('Expected a PanelContext around a component of the panel, found none.');
  return panel;
}
