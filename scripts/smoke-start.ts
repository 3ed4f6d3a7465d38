/** Runs `npm start` as the README says, waits until the status page answers, and ends it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const timeoutMs = 60_000;
const pollMs = 200;

const home = mkdtempSync(path.join(tmpdir(), 'inlay-smoke-'));
const started = performance.now();
const server = spawn('npm', ['start'], {
  env: { ...process.env, INLAY_HOME: home, INLAY_PORT: '41739' },
  stdio: 'inherit',
  shell: process.platform === 'win32',
  detached: process.platform !== 'win32',
});

let answered = false;
while (!answered && performance.now() - started < timeoutMs && server.exitCode === null) {
  await new Promise((resolve) => setTimeout(resolve, pollMs));
  answered = await fetch('http://localhost:41739/health').then(
    (response) => response.ok,
    () => false,
  );
}
console.log(
  answered ? `ready after ${Math.round(performance.now() - started)} ms` : 'npm start did not come up',
);
if (process.platform === 'win32') spawn('taskkill', ['/pid', String(server.pid), '/T', '/F']);
else process.kill(-server.pid!, 'SIGTERM');
await new Promise((resolve) => server.once('exit', resolve));
rmSync(home, { recursive: true, force: true });
process.exit(answered ? 0 : 1);
