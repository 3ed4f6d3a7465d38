/**
 * WebGPU on SwiftShader, Vulkan in software: slow, but the same provider, shaders and memory traffic as on a GPU. All of
 * it in processes of their own, because a driver may crash.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { EngineHost } from '../../../bridge/engine-host.ts';
import type { DeviceChoice, DeviceReport, ResultPicture } from '../../../engine/api.ts';
import { bundledDevices } from '../../../engine/runtime/session.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile } from '../checkpoints.ts';
import { bytesOfResult, drawPicture, rawPayload } from '../pipelines/engine-fixture.ts';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const skip = !existsSync(driver)
  ? 'SwiftShader is not installed (the packages chromium and libvulkan1)'
  : bundledDevices().includes('webgpu')
    ? false
    : 'the runtime has no WebGPU here';
/** Vulkan's loader takes its driver from here, in the processes that are started from now on. */
function useDriver(file: string): void {
  process.env.VK_ICD_FILENAMES = file;
  process.env.VK_DRIVER_FILES = file;
}
if (skip === false) useDriver(driver);

/** The choice made in a process of its own. */
async function chooseDeviceApart(choice: DeviceChoice): Promise<DeviceReport> {
  const { href } = new URL('../../../engine/runtime/providers.ts', import.meta.url);
  const code = `import { chooseDevice } from ${JSON.stringify(href)};
    console.log(JSON.stringify(await chooseDevice('${choice}')));`;
  const loader = ['--import', import.meta.resolve('tsx'), '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, '--eval', code]);
  return JSON.parse(stdout) as DeviceReport;
}

test('a software renderer passes its trial, but `auto` passes it over and says why', {
  skip,
}, async (context) => {
  const report = await chooseDeviceApart('auto');
  context.diagnostic(report.reason);
  assert.equal(report.device, 'cpu');
  assert.match(report.reason, /webgpu: works, but is far slower than the CPU \(\d+ ms against \d+ ms/);
});

async function startEngine(context: TestContext, device: DeviceChoice): Promise<EngineHost> {
  const engine = await EngineHost.start({
    device,
    modelFolders: [],
    spoolFolder: await temporaryFolder(context),
    idleUnloadMs: 60_000,
    threads: 1,
  });
  context.after(() => engine.close());
  return engine;
}

const side = 12;
/** The smallest step of the result is 1/65535; the networks' own values lie in 0..1. */
const maxDifference = 1e-3 * 65535;

const picture = drawPicture({ width: side, height: side, channels: 3, depth: 16 });

async function upscale(engine: EngineHost, name: Parameters<typeof goldenFile>[0]): Promise<Uint16Array> {
  const results: ResultPicture[] = [];
  await engine.run(
    {
      operation: 'upscale',
      source: rawPayload(picture),
      model: { file: goldenFile(name) },
      target: { scale: 4 },
      output: { format: 'rgb16', quality: 90 },
    },
    {
      onProgress: () => {},
      onPreview: () => {},
      onWarning: () => {},
      onResult: (result) => results.push(result),
    },
    new AbortController().signal,
  );
  assert.equal(results.length, 1);
  return new Uint16Array(bytesOfResult(results[0]!).slice().buffer);
}

test("the engine on WebGPU gives the CPU's pictures", { skip }, async (context) => {
  const [gpu, cpu] = await Promise.all([startEngine(context, 'webgpu'), startEngine(context, 'cpu')]);
  const notices: string[] = [];
  gpu!.onNotice((message) => notices.push(message));
  for (const name of ['rrdbnet-x4', 'rrdbnet-x2-unshuffle', 'srvgg-x4'] as const) {
    const received = await upscale(gpu!, name);
    const expected = await upscale(cpu!, name);
    assert.equal(received.length, 3 * (4 * side) ** 2);
    let worst = 0;
    for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(received[i]! - expected[i]!));
    context.diagnostic(`${name}: worst difference ${worst} of 65535`);
    assert.ok(worst <= maxDifference);
    assert.ok(new Set(expected).size > 100, 'the picture is not flat');
  }
  assert.deepEqual(notices, []);
  assert.equal(gpu!.device.device, 'webgpu', gpu!.device.reason);
});

test('a device that fails after its trial is given up once, which is told, and the job is done on the CPU', {
  skip,
}, async (context) => {
  const { library_path: library, ...icd } = JSON.parse(await readFile(driver, 'utf8')).ICD;
  const ownDriver = path.join(await temporaryFolder(context), 'driver.json');
  const absolute = path.resolve(path.dirname(driver), library);
  await writeFile(
    ownDriver,
    JSON.stringify({ file_format_version: '1.0.0', ICD: { ...icd, library_path: absolute } }),
  );
  useDriver(ownDriver);
  context.after(() => useDriver(driver));
  const [gpu, cpu] = await Promise.all([startEngine(context, 'webgpu'), startEngine(context, 'cpu')]);
  const notices: string[] = [];
  gpu!.onNotice((message) => notices.push(message));
  assert.equal(gpu!.device.device, 'webgpu');
  // The trial was a process of its own; the engine's own sessions find no driver any more.
  await rm(ownDriver);
  const expected = await upscale(cpu!, 'srvgg-x4');
  assert.deepEqual(await upscale(gpu!, 'srvgg-x4'), expected);
  assert.deepEqual(await upscale(gpu!, 'srvgg-x4'), expected);
  context.diagnostic(notices.join());
  assert.equal(notices.length, 1);
  assert.match(
    notices[0]!,
    /^webgpu stopped working \(Could not load the network on webgpu: [^/\n]+\); using the CPU from now on\.$/,
  );
  const { requested, device, reason } = gpu!.device;
  assert.deepEqual([requested, device, reason], ['webgpu', 'cpu', notices[0]]);
});
