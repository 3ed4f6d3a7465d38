import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { openPanel } from './panel-fixture.ts';

test('what is selected is filled: taken, run, put in its place, and kept in the history', async (context) => {
  const bridge = await startBridge(context);
  const { panel, host } = openPanel(context, bridge);
  await panel.start();
  assert.equal(panel.operation.value, 'fill');
  await panel.run();
  const [insertion] = host.insertions;
  assert.deepEqual(insertion?.place, { layer: 1 });
  assert.deepEqual(
    insertion?.results.map((pictures) => pictures.length),
    [3],
  );
  assert.deepEqual(panel.orders.orders.value, []);
  assert.equal(panel.status.value, 'Done: 3 pictures.');
  const [entry] = panel.history.entries.value;
  assert.equal(entry?.recipe.count, 3);
  assert.equal(entry?.documentName, 'Poster');
});
