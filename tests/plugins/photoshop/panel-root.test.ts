import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelRoot } from '../../../plugins/photoshop/ui/panel-root.ts';

test('the panel is drawn into whatever Photoshop hands over, else into the page', () => {
  const body = { appendChild: () => {} };
  const root = { appendChild: () => {} };
  assert.equal(panelRoot(root, body), root);
  assert.equal(panelRoot({ node: root }, body), root);
  for (const nothing of [undefined, null, {}, { node: null }, 'root']) {
    assert.equal(panelRoot(nothing, body), body);
  }
});
