import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { pairingCodePattern } from '../../../bridge/protocol/limits.ts';
import { useWidgets } from './widgets.ts';

export interface PairingFormProps {
  /** Rejects with what is wrong with the code: an error with a `message`, and a `hint` perhaps. */
  readonly onPair: (code: string) => Promise<void>;
}

interface Problem {
  readonly message: string;
  readonly hint?: string;
}

/** Asks for the code that Inlay shows. */
export function PairingForm({ onPair }: PairingFormProps): JSX.Element {
  const { Button, TextField } = useWidgets();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (isBusy) return;
    const code = codeOf(text);
    if (code === undefined) {
      setProblem({ message: 'The code is six digits.', hint: 'Inlay shows it where it was started.' });
      return;
    }
    setProblem(undefined);
    setBusy(true);
    try {
      await onPair(code);
    } catch (error) {
      setProblem(error as Problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="inlay-pairing">
      <div>
        Pair with Inlay to begin: run <code>inlay pair</code>, or press Enter where Inlay runs, and enter the
        code that it shows. The address that it printed when it started does too.
      </div>
      <div class="inlay-pairing-row">
        <TextField
          label="Code"
          value={text}
          placeholder="123456"
          inputMode="numeric"
          onInput={setText}
          onSubmit={() => void submit()}
        />
        <Button isPrimary isDisabled={isBusy} onPress={() => void submit()}>
          {isBusy ? 'Pairing…' : 'Pair'}
        </Button>
      </div>
      <div class="inlay-problem" role="alert">
        {problem !== undefined && [problem.message, problem.hint].filter(Boolean).join(' ')}
      </div>
    </div>
  );
}

/** Six digits, with whatever a person puts between them; or the key, from an address that was pasted whole. */
export function codeOf(text: string): string | undefined {
  const key = text.split('#')[1]?.trim();
  const code = key ?? text.replace(/[\s-]/g, '');
  return pairingCodePattern.test(code) ? code : undefined;
}
