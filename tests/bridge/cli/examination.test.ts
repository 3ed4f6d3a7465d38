import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder } from '../../../bridge/cli/examination.ts';

test('versions are compared number by number, as far as both go', () => {
  for (const version of ['20.14.9', '20.9.0', '18.20.0', '9.99.99'])
    assert.ok(isOlder(version, '20.15'), version);
  for (const version of ['20.15.0', '20.15.1', '20.100.0', '22.1.0', '100.0.0']) {
    assert.equal(isOlder(version, '20.15'), false, version);
  }
});
