import type { JSX } from 'preact';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';

export interface UnusableFilesProps {
  readonly models: readonly ModelCapability[];
}

/** Of the files that the user has put among the models those that are none that can be used, and why. */
export function UnusableFiles({ models }: UnusableFilesProps): JSX.Element | null {
  const unusable = models.filter(({ problem, origin }) => problem !== undefined && origin === 'user');
  if (unusable.length === 0) return null;
  return (
    <ul class="inlay-muted inlay-unusable">
      {unusable.map(({ name, problem }) => (
        <li key={name}>
          <strong>{name}</strong> cannot be used: {problem}
        </li>
      ))}
    </ul>
  );
}
