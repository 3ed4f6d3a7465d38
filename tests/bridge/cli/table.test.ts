import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from '../../../bridge/cli/table.ts';

test('columns are as wide as their widest cell; an empty one is left out', () => {
  const rows = [
    ['a', '', '1'],
    ['long name', '', ''],
  ];
  assert.equal(formatTable(['NAME', 'PROBLEM', 'N'], rows), 'NAME       N\na          1\nlong name');
});
