/**
 * The entry of a process of its own: computes the trial network on one device and on the CPU, compares, and prints a
 * `TrialOutcome`. A driver that crashes takes only this process with it.
 */
import type { Device } from '../api.ts';
import type { TrialOutcome } from './providers.ts';
import { openSession, type Session, type Tensor } from './session.ts';
import { trialNetwork } from './trial-network.ts';

/** Some devices compute in half precision; a wrong result is wrong by far more than this share of the range. */
const maxRelativeError = 0.01;

/** What our own message puts in front of what the runtime says. */
const ownPrefix = /^Could not \w+ the network on \w+: /;

async function tryOut(device: Device): Promise<TrialOutcome> {
  const { model, input } = trialNetwork();
  const cpu = await openSession(model, { device: 'cpu' });
  const expected = await timedRun(cpu, input);
  const session = await openSession(model, { device, strictDevice: true });
  const received = await timedRun(session, input);
  const error = relativeError(received.output, expected.output);
  if (!(error <= maxRelativeError)) {
    return {
      works: false,
      reason: `computes wrong numbers (off by ${(error * 100).toFixed(1)} % of the range)`,
    };
  }
  return { works: true, deviceMs: received.ms, cpuMs: expected.ms };
}

/** The second run counts: the first one compiles shaders. */
async function timedRun(session: Session, input: Tensor): Promise<{ output: Float32Array; ms: number }> {
  await session.run({ input });
  const start = performance.now();
  const [output] = Object.values(await session.run({ input }));
  return { output: output!.data, ms: performance.now() - start };
}

/** Largest difference as a share of the largest expected value; NaN in the output gives NaN. */
function relativeError(received: Float32Array, expected: Float32Array): number {
  let worst = 0;
  let range = 0;
  for (let i = 0; i < expected.length; i++) {
    range = Math.max(range, Math.abs(expected[i]));
    worst = Math.max(worst, Math.abs(received[i] - expected[i]));
  }
  return worst / range;
}

const outcome = await tryOut(process.argv[2] as Device).catch(
  (error: Error): TrialOutcome => ({ works: false, reason: error.message.replace(ownPrefix, '') }),
);
// Exit at once: a driver may hang or crash while it is taken down, and the outcome is known.
process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
