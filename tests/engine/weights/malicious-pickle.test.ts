/**
 * Every known way to make a pickle do something, each refused by its name. The tricks are those that scanners of pickles
 * look for (picklescan, fickling, modelscan) and those that got past them. Nothing here can run anywhere but in Python.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import { legacyMagic } from '../../../engine/weights/torch-file.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import {
  bytesOf,
  call,
  dict,
  global,
  int,
  pickle,
  storage,
  tensor,
  text,
  tuple,
  uint32,
} from './pickle-writer.ts';
import { zip } from './zip-writer.ts';

const command = text('touch owned');

/** Names by which code has been run, and some by which it could be. */
const names: readonly (readonly [string, string])[] = [
  ['os', 'system'],
  ['posix', 'system'],
  ['nt', 'system'],
  ['os', 'popen'],
  ['os', 'execv'],
  ['subprocess', 'Popen'],
  ['subprocess', 'check_output'],
  ['builtins', 'eval'],
  ['builtins', 'exec'],
  ['builtins', 'compile'],
  ['builtins', '__import__'],
  ['builtins', 'getattr'],
  ['builtins', 'apply'],
  ['__builtin__', 'eval'],
  ['__builtin__', 'execfile'],
  ['__builtin__', 'getattr'],
  ['operator', 'attrgetter'],
  ['operator', 'methodcaller'],
  ['functools', 'partial'],
  ['functools', 'reduce'],
  ['importlib', 'import_module'],
  ['runpy', '_run_code'],
  ['runpy', 'run_path'],
  ['pty', 'spawn'],
  ['code', 'InteractiveInterpreter'],
  ['codecs', 'decode'],
  ['bdb', 'Bdb'],
  ['pdb', 'run'],
  ['timeit', 'timeit'],
  ['cProfile', 'run'],
  ['doctest', 'debug_script'],
  ['idlelib.pyshell', 'ModifiedInterpreter.runcommand'],
  ['idlelib.run', 'Executive.runcode'],
  ['lib2to3.pgen2.grammar', 'Grammar.loads'],
  ['logging.config', '_resolve'],
  ['pip', 'main'],
  ['pydoc', 'pipepager'],
  ['webbrowser', 'open'],
  ['socket', 'socket'],
  ['requests.api', 'get'],
  ['urllib.request', 'urlopen'],
  ['ssl', 'get_server_certificate'],
  ['shutil', 'rmtree'],
  ['pickle', 'loads'],
  ['_pickle', 'load'],
  ['marshal', 'loads'],
  ['types', 'FunctionType'],
  ['types', 'CodeType'],
  ['copyreg', '_reconstructor'],
  ['copyreg', 'add_extension'],
  ['ctypes', 'CDLL'],
  ['numpy', 'load'],
  ['numpy.f2py.crackfortran', 'getlincoef'],
  ['numpy.testing._private.utils', 'runstring'],
  ['torch', 'load'],
  ['torch.hub', 'load'],
  ['torch.jit', 'load'],
  ['torch.jit.unsupported_tensor_ops', 'execWrapper'],
  ['torch.utils.bottleneck.__main__', 'run_cprofile'],
  ['torch.utils._config_module', 'ConfigModule.load_config'],
  ['torch.storage', '_load_from_bytes'],
  ['torch._utils', '_rebuild_device_tensor_from_numpy'],
  ['torch._dynamo.guards', 'GuardBuilder.get'],
  ['torch._inductor.codecache', 'compile_file'],
  ['torch.fx.experimental.symbolic_shapes', 'ShapeEnv.evaluate_guards_expression'],
  ['omegaconf.dictconfig', 'DictConfig'],
  // Names that look like one that is known.
  ['collections', 'OrderedDict.fromkeys'],
  ['collections.OrderedDict', ''],
  ['', 'collections.OrderedDict'],
  ['torch', 'FloatStorage.__class__'],
  ['torch.', 'FloatStorage'],
  [' torch', 'FloatStorage'],
  ['torch', 'floatstorage'],
  ['torch._utils._rebuild_tensor_v2', '__globals__'],
  ['__proto__', 'constructor'],
  ['constructor', 'prototype'],
];

const calls = names.map(([module, name]): readonly [string, Uint8Array, RegExp] => [
  `a call of ${module}.${name}`,
  pickle(call(global(module, name), command)),
  new RegExp(
    `received \`${`${module}.${name}`.replace(/[.*+?^$]/g, '\\$&')}\`, which no file of weights needs`,
  ),
]);

const system = global('posix', 'system');
const opcode = (name: string) =>
  new RegExp(`received the pickle opcode ${name}, which no file of torch\\.save has`);

const tricks: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ...calls,
  ['a name that is never called', pickle(dict(text('weight'), system)), /`posix\.system`/],
  ['a call whose result is thrown away', pickle(call(system, command), '0', '}'), /`posix\.system`/],
  [
    'a call after the tensors',
    pickle(dict(text('weight'), tensor()), text('x'), call(system, command), 's'),
    /`posix\.system`/,
  ],
  [
    'a call inside the metadata of a state dictionary',
    pickle(call(global('collections', 'OrderedDict')), dict(text('_metadata'), call(system, command)), 'b'),
    /`posix\.system`/,
  ],
  ['a call in a device', pickle(call(global('torch', 'device'), call(system, command))), /`posix\.system`/],
  [
    'a call in the arguments of numpy',
    pickle(call(global('numpy.core.multiarray', 'scalar'), call(system, command))),
    /`posix\.system`/,
  ],
  // Ways to call without REDUCE.
  ['INST', pickle('(', command, 'i', 'os\nsystem\n'), opcode('INST')],
  ['OBJ', pickle('(', '}', command, 'o'), opcode('OBJ')],
  [
    'NEWOBJ of a known function',
    pickle(global('torch._utils', '_rebuild_tensor_v2'), ')', 0x81),
    /a new object of `torch\._utils\._rebuild_tensor_v2`/,
  ],
  [
    'NEWOBJ with arguments',
    pickle(global('torch.nn.modules.container', 'ParameterDict'), tuple(command), 0x81),
    /a new object with a tuple/,
  ],
  ['NEWOBJ of text', pickle(text('os.system'), ')', 0x81), /a new object of "os\.system"/],
  ['NEWOBJ_EX', pickle('}', ')', '}', 0x92), opcode('NEWOBJ_EX')],
  ['a call of text', pickle(call(text('os.system'), command)), /a call of "os\.system"/],
  [
    'a call of what a call gave',
    pickle(call(call(global('torch', 'device')), command)),
    /a call of an object of `torch\.device`/,
  ],
  [
    'a call of a storage class',
    pickle(call(global('torch', 'FloatStorage'), command)),
    /a call of `torch\.FloatStorage`/,
  ],
  [
    'a call of a callback',
    pickle(call(global('pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint'))),
    /a call of `pytorch_lightning/,
  ],
  ['a call without a tuple', pickle(global('collections', 'OrderedDict'), ']', 'R'), /a call with a list/],
  // Names that are put together where scanners do not look.
  ['STACK_GLOBAL', pickle(text('os'), text('system'), 0x93), opcode('STACK_GLOBAL')],
  [
    'STACK_GLOBAL with recalled names',
    pickle(text('os'), 'q', 0, text('system'), 'h', 0, 0x93),
    opcode('STACK_GLOBAL'),
  ],
  ['EXT1', pickle(0x82, 1), opcode('EXT1')],
  ['EXT2', pickle(0x83, 1, 0), opcode('EXT2')],
  ['EXT4', pickle(0x84, 1, 0, 0, 0), opcode('EXT4')],
  [
    'a state for a class',
    pickle(global('torch', 'FloatStorage'), dict(text('__setstate__'), system), 'b'),
    /`posix\.system`/,
  ],
  [
    'a state for a class, of known names only',
    pickle(global('torch', 'FloatStorage'), dict(text('__setstate__'), text('x')), 'b'),
    /a state for `torch\.FloatStorage`/,
  ],
  ['a state for a tensor', pickle(tensor(), dict(text('__class__'), text('x')), 'b'), /a state for a tensor/],
  ['a state for a list', pickle(']', '}', 'b'), /a state for a list/],
  [
    'a state for a dictionary that is no dictionary',
    pickle('}', tuple(text('__dict__'), text('x')), 'b'),
    /a state for a dictionary/,
  ],
  // Persistent ids, which torch resolves itself.
  ['PERSID', pickle('P', 'os.system\n'), opcode('PERSID')],
  [
    'a persistent id that is text',
    pickle(text('os.system'), 'Q'),
    /persistent id that is no storage \("os\.system"\)/,
  ],
  [
    'a persistent id of a module with its source',
    pickle(tuple(text('module'), global('torch', 'FloatStorage'), text('x.py'), command), 'Q'),
    /persistent id that is no storage \("module"\)/,
  ],
  [
    'a storage of another class',
    pickle(tuple(text('storage'), global('collections', 'OrderedDict'), text('0'), text('cpu'), int(4)), 'Q'),
    /no storage/,
  ],
  [
    'a storage of a class that is text',
    pickle(tuple(text('storage'), text('torch.FloatStorage'), text('0'), text('cpu'), int(4)), 'Q'),
    /no storage/,
  ],
  ...['../0', '/etc/passwd', '', '0/../../x', '-1', '0'.repeat(21), '0\n'].map(
    (key): readonly [string, Uint8Array, RegExp] => [
      `a storage under ${JSON.stringify(key)}`,
      pickle(dict(text('w'), tensor({ from: storage({ key }) }))),
      /no storage/,
    ],
  ),
  // The text opcodes of protocol 0, and all others.
  ['protocol 0', bytesOf('cos\nsystem\n(S"touch owned"\ntR.'), /another protocol than 2/],
  ['protocol 4', bytesOf(0x80, 4, 'N.'), /another protocol than 2/],
  ['a second PROTO', pickle(0x80, 4), /0x80, which is no opcode/],
  ...(
    [
      ['I', 'INT'],
      ['L', 'LONG'],
      ['S', 'STRING'],
      ['T', 'BINSTRING'],
      ['B', 'BINBYTES'],
      ['C', 'SHORT_BINBYTES'],
      ['V', 'UNICODE'],
      ['F', 'FLOAT'],
      ['l', 'LIST'],
      ['d', 'DICT'],
      ['0', 'POP'],
      ['1', 'POP_MARK'],
      ['2', 'DUP'],
      ['g', 'GET'],
      ['p', 'PUT'],
      ['\x8b', 'LONG4'],
      ['\x8c', 'SHORT_BINUNICODE'],
      ['\x8d', 'BINUNICODE8'],
      ['\x8e', 'BINBYTES8'],
      ['\x8f', 'EMPTY_SET'],
      ['\x90', 'ADDITEMS'],
      ['\x91', 'FROZENSET'],
      ['\x94', 'MEMOIZE'],
      ['\x95', 'FRAME'],
      ['\x96', 'BYTEARRAY8'],
      ['\x97', 'NEXT_BUFFER'],
      ['\x98', 'READONLY_BUFFER'],
    ] as const
  ).map(([character, name]): readonly [string, Uint8Array, RegExp] => [
    name,
    pickle(character),
    opcode(name),
  ]),
  ['a byte that is no opcode', pickle(0xff), /0xff, which is no opcode/],
  // A second pickle behind the first, which some readers go on to.
  [
    'TorchScript',
    pickle(global('__torch__.model', 'Net'), ')', 0x81),
    /a TorchScript program \(`__torch__\.model\.Net`\)/,
  ],
  [
    'a name of control characters',
    pickle(global('os\r\u001b[2J', 'system')),
    /received `os\\r\\u001b\[2J\.system`/,
  ],
  // Tensors that reach beyond their bytes.
  [
    'a tensor past its storage',
    pickle(dict(text('w'), tensor({ offset: 1 }))),
    /ends 20 bytes into a storage of 16/,
  ],
  [
    'a tensor with a large shape',
    pickle(dict(text('w'), tensor({ shape: [2 ** 31 - 1, 2 ** 31 - 1, 8], strides: [1, 1, 1] }))),
    /ends \d+ bytes into a storage/,
  ],
  [
    'a tensor with large strides',
    pickle(dict(text('w'), tensor({ shape: [2, 2], strides: [2 ** 31 - 1, 1] }))),
    /ends \d+ bytes into a storage/,
  ],
  [
    'a tensor with a negative offset',
    pickle(dict(text('w'), tensor({ offset: -1 }))),
    /an offset that is not of whole numbers/,
  ],
  [
    'a tensor with a negative size',
    pickle(dict(text('w'), tensor({ shape: [-4] }))),
    /a shape that is not of whole numbers/,
  ],
  [
    'a tensor with negative strides',
    pickle(dict(text('w'), tensor({ strides: [-1] }))),
    /strides that is not of whole numbers/,
  ],
  [
    'a tensor with fewer strides than sizes',
    pickle(dict(text('w'), tensor({ shape: [2, 2] }))),
    /more or fewer strides/,
  ],
  ['a tensor of something else', pickle(dict(text('w'), tensor({ from: text('0') }))), /a tensor of "0"/],
  [
    'a storage of two sizes',
    pickle(dict(text('a'), tensor(), text('b'), tensor({ from: storage({ elements: 8 }) }))),
    /two different storages under `0`/,
  ],
  [
    'a storage with a negative size',
    pickle(dict(text('w'), tensor({ from: storage({ elements: -1 }) }))),
    /no storage/,
  ],
  // Programs that are broken.
  ['an empty stack', pickle(), /takes from an empty stack/],
  ['values left over', pickle('}', '}'), /values left over/],
  ['an open mark', pickle('(', '}'), /values left over/],
  ['an end without a mark', pickle('t'), /ends what it did not begin/],
  ['a memo that was never made', pickle('h', 7), /recalls entry 7, which it never made/],
  ['a memo of nothing', pickle('q', 0), /takes from an empty stack/],
  ['no end', bytesOf(0x80, 2, '}'), /the end of a pickle before its last value/],
  ['text longer than the file', pickle('X', uint32(0xffffffff)), /the end of a pickle/],
  ['text that is no UTF-8', pickle('X', uint32(1), 0xff), /no UTF-8/],
  ['a key that is a list', pickle('}', ']', 'N', 's'), /a list as key/],
  ['a key without a value', pickle('}', '(', text('x'), 'u'), /a key and no value/],
  ['items of a tuple', pickle(')', text('x'), 'N', 's'), /sets items of a tuple/],
  ['appending to text', pickle(text('x'), 'N', 'a'), /appends to "x"/],
  [
    'an OrderedDict of no pairs',
    pickle(call(global('collections', 'OrderedDict'), text('x'))),
    /an OrderedDict of no pairs/,
  ],
  ['no dictionary at all', pickle('N'), /None instead of a dictionary/],
  [
    'two tensors of one name',
    pickle(dict(text('a.b'), tensor(), text('a'), dict(text('b'), tensor()))),
    /two tensors named "a\.b"/,
  ],
];

const fourFloats = new Uint8Array(16);

function archive(data: Uint8Array): Uint8Array {
  return zip([
    { name: 'archive/data.pkl', data },
    { name: 'archive/data/0', data: fourFloats },
  ]);
}

/** As before torch 1.6, with nothing behind the pickle in question. */
function legacy(data: Uint8Array): Uint8Array {
  const version = pickle('M', 0xe9, 3);
  return bytesOf(
    legacyMagic,
    version,
    pickle(dict(text('little_endian'), 0x88)),
    data,
    pickle(']', text('0'), 'a'),
  );
}

function isStructural({ source }: RegExp): boolean {
  return /end of a pickle|two tensors|instead of a dict/.test(source);
}

async function opened(context: TestContext, bytes: Uint8Array): Promise<unknown> {
  const file = path.join(await temporaryFolder(context), 'some.ckpt');
  await writeFile(file, bytes);
  return openCheckpoint(file);
}

function refused(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, 'invalid-weights');
    assert.match(error.message, message);
    assert.match(error.message, /some\.ckpt/);
    return true;
  };
}

describe('a pickle that is no file of tensors is refused by what it holds:', () => {
  for (const [name, bytes, message] of tricks) {
    test(name, async (context) => {
      await assert.rejects(opened(context, archive(bytes)), refused(message));
      // In the old format the bytes that follow may spoil it first.
      await assert.rejects(opened(context, legacy(bytes)), refused(isStructural(message) ? /./ : message));
    });
  }

  test('what tried to run code is told apart from what is broken', async (context) => {
    const hintOf = async (bytes: Uint8Array) => {
      const error = await opened(context, archive(bytes)).catch((reason: unknown) => reason);
      assert.ok(error instanceof EngineError);
      return error.hint;
    };
    assert.match(await hintOf(pickle(call(system, command))), /Nothing in the file was run/);
    assert.match(await hintOf(pickle('(')), /save it again with torch\.save/);
    assert.match(await hintOf(pickle(global('__torch__', 'Net'))), /save it again with torch\.save/);
  });

  test('more bytes after the pickle, where another could hide', async (context) => {
    const hidden = bytesOf(pickle(dict(text('w'), tensor())), pickle(call(system, command)));
    await assert.rejects(opened(context, archive(hidden)), /a pickle of \d+ bytes.*one that ends after/);
  });
});

test('keys that would be properties are keys and nothing else', async (context) => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const items = names.flatMap((name) => [text(name), tensor()]);
  const nested = [text('state'), dict(text('__proto__'), dict(text('polluted'), tensor()))];
  const checkpoint = (await opened(context, archive(pickle(dict(...items, ...nested))))) as Awaited<
    ReturnType<typeof openCheckpoint>
  >;
  assert.deepEqual([...checkpoint.tensors.keys()], [...names, 'state.__proto__.polluted']);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
