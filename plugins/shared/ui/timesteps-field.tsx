import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { areFalling, timestepRange } from '../../../bridge/protocol/limits.ts';
import { useWidgets } from './widgets.ts';

export interface TimestepsFieldProps {
  readonly value: readonly number[] | undefined;
  /** What a model asks for. */
  readonly proposed: readonly number[] | undefined;
  readonly onChange: (timesteps: readonly number[] | undefined) => void;
}

/** A list as text. What is no list yet stays as it was written, and is not sent. */
export function TimestepsField({ value, proposed, onChange }: TimestepsFieldProps): JSX.Element {
  const { TextField } = useWidgets();
  const [written, setWritten] = useState('');
  // Where the value has come from elsewhere, what was written here is over.
  const isOfValue = listIn(written)?.join() === value?.join();
  const text = isOfValue ? written : (value?.join(', ') ?? '');
  return (
    <>
      <TextField
        label="Timesteps"
        value={text}
        placeholder={proposed?.join(', ') ?? 'the scheduler’s'}
        onInput={(next) => {
          setWritten(next);
          onChange(listIn(next));
        }}
      />
      {text.trim() !== '' && listIn(text) === undefined && (
        <p class="inlay-muted">
          Whole numbers from {timestepRange.max} to {timestepRange.min}, each below the one before: 999, 749,
          499, 249.
        </p>
      )}
    </>
  );
}

function listIn(text: string): readonly number[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const list = words.map(Number);
  const areWithin = words.every((word, i) => /^\d+$/.test(word) && list[i]! <= timestepRange.max);
  return words.length > 0 && areFalling(list) && areWithin ? list : undefined;
}
