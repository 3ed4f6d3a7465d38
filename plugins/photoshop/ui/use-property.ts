import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { SpectrumElement } from './spectrum.d.ts';

/**
 * Keeps a property of one of Photoshop's elements at a value. Their attributes only say what it is at first, and what the
 * user does changes the property alone.
 */
export function useProperty<Name extends 'value' | 'checked' | 'selectedIndex'>(
  element: RefObject<SpectrumElement | null>,
  name: Name,
  value: SpectrumElement[Name],
): void {
  // At every rendering: the user may have changed it, and what came of that may be that it stays as it was.
  useLayoutEffect(() => {
    const { current } = element;
    // Some take a text and give back a number.
    if (current !== null && String(current[name]) !== String(value)) current[name] = value;
  });
}
