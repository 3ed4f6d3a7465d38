import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceChoices } from '../../../engine/api.ts';
import { chooseDevice, tryDevice } from '../../../engine/runtime/providers.ts';
import { bundledDevices, openSession } from '../../../engine/runtime/session.ts';
import { trialNetwork } from '../../../engine/runtime/trial-network.ts';

test('the CPU is bundled everywhere, and taken without a trial when asked for', async () => {
  assert.ok(bundledDevices().includes('cpu'));
  assert.deepEqual(await chooseDevice('cpu'), {
    requested: 'cpu',
    device: 'cpu',
    reason: 'The CPU was asked for.',
  });
});

test('`auto` decides for a device that passed its trial, or for the CPU with the reason of each other one', async () => {
  const { requested, device, reason } = await chooseDevice('auto');
  assert.equal(requested, 'auto');
  assert.ok(bundledDevices().includes(device));
  if (device === 'cpu') assert.match(reason, /^Using the CPU \(\S.+\)\.$/s);
  else assert.equal(reason, `${device} passed its trial run.`);
});

test('a device that this platform has no provider for gives the CPU, and says so', async () => {
  const missing = deviceChoices.filter((choice) => choice !== 'auto' && !bundledDevices().includes(choice));
  assert.ok(missing.length > 0, 'no platform has DirectML and Core ML');
  for (const choice of missing) {
    const report = await chooseDevice(choice);
    assert.deepEqual(report, {
      requested: choice,
      device: 'cpu',
      reason: `Using the CPU (${choice}: not available on ${process.platform}).`,
    });
  }
});

test('a device whose provider is there but does not work gives the CPU, with why in one line', async (context) => {
  const gpu = bundledDevices().find((device) => device === 'cuda' || device === 'webgpu');
  if (gpu === undefined) return context.skip('no provider for a GPU is bundled here');
  const outcome = await tryDevice(gpu);
  if (outcome.works) return context.skip(`${gpu} works here`);
  const { device, reason } = await chooseDevice(gpu);
  assert.equal(device, 'cpu');
  assert.ok(reason.startsWith(`Using the CPU (${gpu}: `), reason);
  assert.ok(outcome.reason.length > 10 && !outcome.reason.includes('\n'), outcome.reason);
  context.diagnostic(reason);
});

test('the trial network has an answer that is far from nothing', async () => {
  const { model, input } = trialNetwork();
  const session = await openSession(model, { device: 'cpu' });
  try {
    const [output] = Object.values(await session.run({ input }));
    assert.deepEqual([...output!.shape], [1, 4, 64, 64]);
    const largest = output!.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest > 0.1 && largest < 100, `${largest}`);
  } finally {
    await session.dispose();
  }
});
