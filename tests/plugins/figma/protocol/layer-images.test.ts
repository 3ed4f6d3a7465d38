import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idPattern } from '../../../../bridge/protocol/limits.ts';
import { layerImageId, layerOfImage } from '../../../../plugins/figma/protocol/layer-images.ts';

test('a layer is found again by the name that the wire takes', () => {
  for (const nodeId of ['1:2', '12:3456', 'I12:34;5:6', 'I1:2;3:4;5:6']) {
    const imageId = layerImageId(nodeId)!;
    assert.match(imageId, idPattern);
    assert.equal(layerOfImage(imageId), nodeId);
  }
});

test('a layer with a longer name than the wire takes, and what is no layer, have none', () => {
  const longest = `1:${'2'.repeat(56)}`;
  assert.equal(layerImageId(longest)?.length, 64);
  assert.equal(layerImageId(`${longest}2`), undefined);
  assert.equal(layerImageId('S:a'), undefined);
  for (const imageId of ['frame', 'file-1-2', 'layer-', 'layer-a']) {
    assert.equal(layerOfImage(imageId), undefined);
  }
});
