import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerAddress } from '../../../bridge/cli/server-client.ts';

test('a server is named by its address, with or without the scheme', () => {
  assert.deepEqual(parseServerAddress('http://localhost:41730'), { host: 'localhost', port: 41730 });
  assert.deepEqual(parseServerAddress('http://127.0.0.1:5000/'), { host: '127.0.0.1', port: 5000 });
  assert.deepEqual(parseServerAddress('ws://[::1]:41731/v1'), { host: '[::1]', port: 41731 });
  assert.deepEqual(parseServerAddress('localhost:41732'), { host: 'localhost', port: 41732 });
});

test('what is no such address is refused with an example of one', () => {
  for (const text of ['', 'https://localhost:41730', 'ftp://x', 'localhost:99999', 'http://', ':41730']) {
    assert.throws(
      () => parseServerAddress(text),
      { code: 'invalid-option', message: /http:\/\/localhost:41730/ },
      text,
    );
  }
});
