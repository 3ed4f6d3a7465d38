import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PhotoshopCore } from '../../../../plugins/photoshop/api/photoshop.ts';
import { asHistoryStep, inModalScope, withoutTrace } from '../../../../plugins/photoshop/document/modal.ts';
import { startHost } from '../../../hosts/photoshop/host-fixture.ts';

function start() {
  const started = startHost();
  const core = started.core as unknown as PhotoshopCore;
  const document = started.user.open({ width: 4, height: 4, background: () => [0, 0, 0] });
  return { ...started, core, document };
}

const options = { commandName: 'Test', delaysMs: [5, 5, 5] };

test('work waits until whatever holds Photoshop is over', async () => {
  const { application, core } = start();
  application.modal.isTakenByAnother = true;
  const done = inModalScope(core, options, async () => 'done');
  while (application.modal.refusals === 0) await new Promise(setImmediate);
  application.modal.isTakenByAnother = false;
  assert.equal(await done, 'done');
});

test('after the last try it is told what to finish', async () => {
  const { application, core } = start();
  application.modal.isTakenByAnother = true;
  await assert.rejects(
    inModalScope(core, options, async () => 'done'),
    {
      code: 'editor-busy',
      message: 'Photoshop is in the middle of something else.',
    },
  );
  assert.equal(application.modal.refusals, 4);
});

test('a failure of the work itself is no reason to try again', async () => {
  const { core } = start();
  let calls = 0;
  const failing = async () => {
    calls += 1;
    throw new Error('no pixels');
  };
  await assert.rejects(inModalScope(core, options, failing), /no pixels/);
  assert.equal(calls, 1);
});

test('many changes are one step of the history, and none after a failure', async () => {
  const { core, document, active } = start();
  const step = { documentId: document.id, name: 'Two layers' };
  const before = document.history.active.id;
  const makeTwo = async () => {
    await active().createPixelLayer({ name: 'one' });
    await active().createPixelLayer({ name: 'two' });
  };
  const fail = () =>
    inModalScope(core, options, (context) =>
      asHistoryStep(context, step, async () => {
        await makeTwo();
        throw new Error('no room');
      }),
    );
  await assert.rejects(fail(), /no room/);
  assert.equal(document.history.active.id, before);
  assert.equal(document.state.layers.length, 1);
  await inModalScope(core, options, (context) => asHistoryStep(context, step, makeTwo));
  assert.equal(document.history.active.name, 'Two layers');
  document.history.undo();
  assert.equal(document.history.active.id, before);
});

test('what was changed only to look is taken back', async () => {
  const { core, document, active } = start();
  const before = document.history.active.id;
  const seen = await inModalScope(core, options, (context) =>
    withoutTrace(context, { documentId: document.id, name: 'Look' }, async () => {
      await active().createPixelLayer({ name: 'one' });
      return active().layers.length;
    }),
  );
  assert.equal(seen, 2);
  assert.equal(document.state.layers.length, 1);
  assert.equal(document.history.active.id, before);
});

test('Escape ends the work, and is told apart from a failure', async () => {
  const { application, core, active } = start();
  const work = inModalScope(core, options, async () => {
    application.modal.cancel();
    await active().createPixelLayer({ name: 'too late' });
  });
  await assert.rejects(work, { code: 'stopped' });
});
