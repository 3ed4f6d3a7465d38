import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentState } from '../../../../plugins/photoshop/document/document-state.ts';
import { targetOf } from '../../../../plugins/photoshop/host/target.ts';

const state: DocumentState = {
  id: 3,
  title: 'cat.psd',
  canvas: { width: 800, height: 600 },
  depth: 8,
  hasColourLayers: true,
  hasArtboards: false,
  isQuickMask: false,
  pictures: [],
  selection: { left: 1, top: 2, width: 30, height: 40 },
};

function reasons(of: DocumentState | undefined): readonly (string | undefined)[] {
  const { offers } = targetOf(of);
  return [offers.fill, offers.remove, offers.expand, offers.vary, offers.upscale].map(
    (offer) => offer?.reason,
  );
}

test('everything is offered for a selection in a picture', () => {
  assert.deepEqual(reasons(state), [undefined, undefined, undefined, undefined, undefined]);
  const { offers, documentName } = targetOf(state);
  assert.equal(documentName, 'cat.psd');
  assert.equal(offers.remove?.subject, 'Selection, 30 × 40 px');
  assert.equal(offers.upscale?.subject, 'Document, 800 × 600 px');
  assert.equal(offers.upscale?.scopes, undefined);
});

test('without a document nothing is', () => {
  for (const reason of reasons(undefined)) assert.match(reason!, /^No document is open\. Open/);
});

test('quick mask mode is told apart from having nothing selected', () => {
  assert.match(reasons({ ...state, isQuickMask: true, selection: 'none' })[0]!, /Press Q/);
  assert.match(reasons({ ...state, selection: 'none' })[0]!, /Nothing is selected/);
  assert.match(reasons({ ...state, selection: 'outside' })[1]!, /outside of the canvas/);
});

test('documents of indexed colours can do nothing, those with artboards cannot be expanded', () => {
  for (const reason of reasons({ ...state, hasColourLayers: false })) assert.match(reason!, /RGB Color/);
  assert.match(reasons({ ...state, hasArtboards: true })[2]!, /Artboard tool/);
});

test('a layer is the likelier one unless it covers the canvas', () => {
  const small = { id: 7, name: 'Cat', bounds: { left: 0, top: 0, width: 10, height: 20 } };
  const scopesOf = (layer: typeof small) => targetOf({ ...state, layer }).offers.vary?.scopes;
  assert.deepEqual(scopesOf(small), [
    { id: 'layer-7', label: 'Layer “Cat”', width: 10, height: 20 },
    { id: 'document', label: 'Document', width: 800, height: 600 },
  ]);
  const whole = { ...small, bounds: { left: 0, top: 0, width: 800, height: 600 } };
  assert.deepEqual(
    scopesOf(whole)?.map(({ id }) => id),
    ['document', 'layer-7'],
  );
});
