import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downloadName } from '../../../../plugins/web/editor/download-picture.ts';

test("a download's name never is the original's", () => {
  assert.equal(downloadName('photo.jpg', 'png'), 'photo-inlay.png');
  assert.equal(downloadName('photo.PNG', 'png'), 'photo-inlay.png');
  assert.equal(downloadName('photo-inlay.png', 'jpeg'), 'photo-inlay.jpg');
  assert.equal(downloadName('photo.psd', 'psd'), 'photo-inlay.psd');
  assert.equal(downloadName('v1.2 final', 'webp'), 'v1.2 final-inlay.webp');
  assert.equal(downloadName('archive.tar.webp', 'webp'), 'archive.tar-inlay.webp');
});
