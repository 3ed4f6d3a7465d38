import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64, dataUrl } from '../../../../plugins/shared/ui/data-url.ts';

test('bytes become base64 as everybody else writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
    }),
  );
});

test('a picture becomes an address', () => {
  assert.equal(dataUrl('image/jpeg', Uint8Array.of(255, 216, 255)), 'data:image/jpeg;base64,/9j/');
});
