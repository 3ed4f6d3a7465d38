import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPairingCode } from '../../../bridge/cli/pairing-code.ts';

const line = 'Pairing code: 120583   (works once, for 2 minutes)';

test('a code is one line where nobody sits before it', () => {
  assert.equal(formatPairingCode({ code: '120583', expiresInMs: 120_000 }, { large: false }), line);
});

test('a code is large, and can be copied, where somebody does', () => {
  const text = formatPairingCode({ code: '120583', expiresInMs: 120_000 }, { large: true });
  assert.deepEqual(
    text.split('\n').map((row) => row.trimEnd()),
    [
      '            _    _    _    _    _',
      '        |   _|  | |  |_   |_|   _|',
      '        |  |_   |_|   _|  |_|   _|',
      '',
      line,
    ],
  );
});
