import type { Command } from 'commander';
import { EngineError } from '../../engine/errors.ts';
import { type PairedClient, TokenStore } from '../auth/token-store.ts';
import { openHome } from '../home.ts';
import { maxNameLength } from '../protocol/limits.ts';
import { readSettings } from './engine-start.ts';
import { addHomeOption, addJsonOption, type HomeFlags } from './options.ts';
import { formatTable } from './table.ts';
import { Terminal } from './terminal.ts';

export function addTokensCommand(program: Command): void {
  const tokens = program
    .command('tokens')
    .summary('say who may use the server')
    .description('Say who may use the server: editors that were paired, and programs of your own.')
    .addHelpText('after', '\nExample:\n  $ export INLAY_TOKEN="$(inlay tokens add nightly-script)"\n');

  addShared(
    tokens.command('add <name>').description('Make a token; it is shown this once, and kept only as a hash.'),
  ).action((name: string, flags: HomeFlags) =>
    withStore(flags, (store, terminal) => add(store, name, terminal)),
  );
  addShared(tokens.command('list').description('List everyone who has a token.')).action((flags: HomeFlags) =>
    withStore(flags, list),
  );
  addShared(
    tokens.command('revoke <name>').description('Take the tokens of that name, or of that id, back at once.'),
  ).action((name: string, flags: HomeFlags) =>
    withStore(flags, (store, terminal) => revoke(store, name, terminal)),
  );
}

function addShared(command: Command): Command {
  return addHomeOption(addJsonOption(command));
}

async function withStore(
  flags: HomeFlags,
  work: (store: TokenStore, terminal: Terminal) => Promise<void>,
): Promise<void> {
  const terminal = new Terminal({ json: flags.json === true });
  try {
    const { homeFolder } = await readSettings(flags.home === undefined ? {} : { home: flags.home });
    const home = await openHome(homeFolder);
    await work(await TokenStore.open(home.tokensFile), terminal);
  } catch (error) {
    terminal.failure(error);
  }
}

async function add(store: TokenStore, name: string, terminal: Terminal): Promise<void> {
  if (name.trim() === '' || name.length > maxNameLength) {
    throw new EngineError(
      'invalid-option',
      `Expected a name of 1 to ${maxNameLength} characters, received ${name.length}.`,
    );
  }
  const { client, token } = await store.add(name);
  // The token alone on stdout, so that a script can take it.
  terminal.result({ id: client.id, name, token }, token);
  terminal.note(`This token of "${name}" is not shown again. Give it with --token or in INLAY_TOKEN.`);
}

async function list(store: TokenStore, terminal: Terminal): Promise<void> {
  const clients = await store.list();
  const text =
    clients.length === 0
      ? 'Nobody has a token yet: pair an editor, or run `inlay tokens add NAME`.'
      : formatTable(
          ['NAME', 'ID', 'SINCE', 'LAST USED'],
          clients.map(({ name, id, createdAt, lastUsedAt }) => [
            name,
            id,
            minute(createdAt),
            lastUsedAt === null ? 'never' : minute(lastUsedAt),
          ]),
        );
  terminal.result({ clients }, text);
}

async function revoke(store: TokenStore, name: string, terminal: Terminal): Promise<void> {
  const clients = await store.list();
  const revoked: PairedClient[] = [];
  for (const client of clients.filter(({ name: own, id }) => own === name || id === name)) {
    if (await store.revoke(client.id)) revoked.push(client);
  }
  if (revoked.length === 0) {
    const names = clients.map((client) => client.name).join(', ');
    throw new EngineError(
      'invalid-option',
      `Expected the name or the id of someone who has a token (${names || 'nobody has one'}), received "${name}".`,
      { hint: 'Run `inlay tokens list` to see them.' },
    );
  }
  const tokens = revoked.length === 1 ? 'the token' : `${revoked.length} tokens`;
  terminal.result(
    { revoked: revoked.map(({ id, name: own }) => ({ id, name: own })) },
    `Revoked ${tokens} of "${name}".`,
  );
}

/** Local time to the minute. */
function minute(isoTime: string): string {
  return new Date(isoTime).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
