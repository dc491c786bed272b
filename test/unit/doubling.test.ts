import assert from 'node:assert/strict';
import test from 'node:test';
import { accountOf } from '../../src/accounts/account';
import { isOpenable, parseBaseUrl, withoutSlashes } from '../../src/platform/baseUrl';
import { ApiError, asSentence } from '../../src/platform/errors';
import { harmless, plain, wordsOf } from '../../src/platform/escapes';
import { failureOf } from '../../src/platform/failure';
import { parseInstant } from '../../src/comfydeploy/instant';
import { readLog } from '../../src/comfydeploy/logs';
import { endedRuns } from '../../src/comfyui/endedRuns';
import { endingIn } from '../../src/comfyui/ending';
import { kindOf } from '../../src/comfyui/fileKinds';
import { frameVerdict } from '../../src/page/frameVerdict';
import { textIn } from '../../src/comfyui/fileText';
import { haveSameNodes } from '../../src/page/graphLoading';
import { exactJson, prettyJson } from '../../src/platform/jsonText';
import { pictureSizeIn } from '../../src/outputs/pictureSize';
import { CheckedNodes } from '../../src/workflows/checkedNodes';
import { checkPrompt, checkWorkflow } from '../fakes/checks';
import { compareVersions, orderedPackages } from '../../src/workflows/packages';
import { carriedIn } from '../../src/workflows/carried';
import { flacOf, jpegOf, mp3Of, mp4Of, pngOf, webmOf, webpOf } from './workflows/media';
import { filesNamedIn, globOf, placesBeside } from '../../src/workflows/inputFiles';
import { readValues, valuesOf } from '../../src/workflows/manyRuns';
import { distinguishingTexts } from '../../src/workflows/memoryTaken';
import { NodeHelp } from '../../src/workflows/nodeHelp';
import { placesOf } from '../../src/workflows/places';
import { modelNames, roughFindings } from '../../src/workflows/roughCheck';
import { dynamicText, replacedText } from '../../src/workflows/dynamicText';
import { comparing } from '../../src/library/compare';
import { summaryOf } from '../../src/library/compareText';
import { withExactNumbers } from '../../src/library/exactNumber';
import { unstorableIn } from '../../src/library/unstorable';
import { differing } from '../../src/picture/difference';
import { stepsOf } from '../../src/platform/slices';
import { NotConverted } from '../../src/workflows/notConverted';
import { promptFrom } from '../../src/workflows/promptFrom';
import { isSameWork } from '../../src/workflows/sameWork';
import { graphOfPrompt } from '../../src/comfyui/promptGraph';
import { readPluginMessage } from '../../src/page/plugin';
import { planOf } from '../../src/comfyui/plan';
import { named, posted, progressOf, trackingOf } from '../../src/comfyui/progress';
import { readList } from '../../src/platform/jsonList';
import { FrameReader } from '../../src/platform/frames';
import { parsePythonJson } from '../../src/platform/pythonJson';
import { refusalOf, type NodeProblem } from '../../src/comfyui/refusal';
import { serverText } from '../../src/comfyui/serverText';
import { stableWorkflow } from '../../src/comfyui/stableJson';
import { beginsLikeWorkflow, readWorkflow, type Graph, type Prompt } from '../../src/comfyui/workflow';
import { readState } from '../../src/guardian/guardState';
import { allWant } from '../../src/guardian/wants';
import { Unpacking } from '../../src/platform/unpacking';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import { USUAL_SETTINGS } from '../fakes/guardSettings';
import { compact, parseLedger } from '../../src/sessions/ledger';
import { redact } from '../../src/platform/logger';
import { fold, type Receipt } from '../../src/spending/receipts';
import { compact as compactReceipts, parseReceipts } from '../../src/spending/receiptLines';
import { historyCsv } from '../../src/spending/historyCsv';
import { hostPattern } from '../../src/sessions/refusals';
import { readTime } from '../../src/platform/typedTime';
import { plainLines, plainName, plainPage, plainText } from '../../src/platform/plainText';
import { Secrets } from '../../src/platform/secrets';
import { shownName } from '../../src/comfyui/shownName';
import { readWork } from '../../src/windows/sharedWork';
import { parseRegister } from '../../src/windows/leaderElection';
import { plainMachine, plainSession } from '../../src/comfydeploy/plainRows';
import { MachineWire } from '../../src/comfydeploy/wire';
import { Names } from '../../src/comfyui/fileNames';
import type { Folder } from '../../src/platform/folder';
import { Manifest } from '../../src/outputs/manifest';
import { HistoryWire } from '../../src/comfyui/outputs';
import { NewestWire, timingOf } from '../../src/comfyui/wire';
import { newestFiles, NO_RUNS, reachesFar, withPage, type RecentRun } from '../../src/outputs/recentRuns';
import { namedOutput } from '../../src/outputs/outputAddress';
import { saveOutputs, type Saved } from '../../src/outputs/saver';
import { openPage, sessionPage } from '../../src/page/sessionPage';
import { DRAWN_INFO, chainOfReroutes, groupOfMany, rowsOfNodes, shownValues } from '../fakes/drawnGraphs';
import { drawnGraph, drawnPrompt } from '../fakes/pictures';
import { ManualClock } from '../fakes/manualClock';
import { rowsIn } from '../fakes/rows';
import { sessionId } from '../fakes/setup';
import { TabDocument } from '../fakes/tabDocument';
import { assertLinear, repeated, type Maker } from '../fakes/doubling';
import { noRests } from '../fakes/noRests';
import { frame } from './platform/frames';

const PLAN = planOf({ 1: { class_type: 'A', inputs: {} } });
const PROBLEM = { nodeId: '1', classType: undefined, input: 'a', message: '' };

const bytesOf = (text: string) => new TextEncoder().encode(text);
const LIST = { bytes: bytesOf('[{"a":1},{"b":2}]'), items: [{ a: 1 }, { b: 2 }], starts: [1, 9], ends: [8, 16] };
const same = (member: unknown) => member;
const SECRETS = new Secrets();
SECRETS.key('secret-key-of-a-user');
SECRETS.address('https://one.tunnel.example.org/');

const CHECKED = new CheckedNodes(infoOf(Array.from({ length: 2_000 }, (_, n) => `n${n}`)));

/** Continues the same bytes. */
function unpackedFrom(bytes: Uint8Array): unknown {
  const unpacking = new Unpacking(bytes, bytes, bytes.length);
  unpacking.step(Infinity);
  return unpacking.text;
}

/** The beginnings of files that may carry a workflow, up to the place of the workflow. */
const MEDIA: Readonly<Record<string, string>> = {
  'a PNG': '\x89PNG\r\n\x1a\n',
  'a JPEG': '\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*\0\0\0\x08',
  'a WebP': 'RIFF\0\0\0\0WEBPEXIF\0\0\x10\0II*\0\x08\0\0\0',
  'an MP4': '\0\0\0\x10ftypisom\0\0\0\0\0\0\0\0moov\0\0\0\0meta\0\0\0\0\0\x08\0\0ilst',
  'a WebM': '\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x12\x54\xc3\x67\x20\x10\0\0',
  'a FLAC': 'fLaC\x84\x10\0\0\0\0\0\0\xff\xff\xff\xff',
  'an MP3': 'ID3\x04\0\0\x00\x40\0\0',
};

/** How files are made that carry a text. */
const CARRIERS: Readonly<Record<string, (texts: Readonly<Record<string, string>>) => Buffer>> = {
  ...{
    'a PNG': (texts) => pngOf(texts, 'iTXt'),
    'a WebP': webpOf,
    'a comment': ({ workflow }) => jpegOf({}, workflow),
  },
  ...{ 'an MP4': mp4Of, 'a WebM': webmOf, 'a FLAC': flacOf, 'an MP3': mp3Of },
  'wide letters': (texts) => mp3Of(texts, true),
};

/** Every parser of foreign text. A new parser gets a line here. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  'JSON of ComfyUI': parsePythonJson,
  'numbers in JSON': withExactNumbers,
  'a list of the server': (text) => readList(bytesOf(text), same, noRests()),
  'a list that was read before': (text) => readList(bytesOf(`[{"a":${text}`), same, noRests(), LIST),
  'a row of the server': (text) => [
    plainSession({ session_id: text, gpu: text, created_at: text }),
    plainMachine({ id: text, name: text, updated_at: text }),
  ],
  'a file that may be a workflow': (text) => readWorkflow(text, noRests()),
  'a message of the page': (text) => readPluginMessage(text, noRests()),
  'a frame of the socket': (text) => new FrameReader().read(frame(1, text)),
  'a frame for each letter': (text) =>
    new FrameReader().read(Uint8Array.from([1, 0, ...Array.from(bytesOf(text), (byte) => [0, 1, byte % 128]).flat()])),
  'a message of the socket': (text) => progressOf(trackingOf('a'), text, PLAN),
  'what ComfyUI has against a prompt': (text) => refusalOf(parsePythonJson(text)),
  'a packed file': (text) => unpackedFrom(bytesOf(text)),
  'words of ComfyUI': serverText,
  'the name of an input file': (text) => [
    ...[filesNamedIn({ 1: { class_type: text, inputs: { [text]: `${text}.png`, is: ['1', 0] } } })],
    ...[placesBeside(text), globOf(text)],
  ],
  'values that are typed': (text) => [
    ...[readValues(text, '1'), readValues(`1..${text}`, '1'), readValues(text, '"a"')],
    valuesOf(text.split('\n'), '1'),
  ],
  'places in a file': (text) => placesOf(text, [PROBLEM]),
  'a drawn workflow': (text) => convertedOrNot(parsePythonJson(text)),
  'a value of a drawn workflow': (text) => convertedOrNot({ nodes: [{ id: 1, type: 'Text', widgets_values: [text] }] }),
  'names in a drawn workflow': (text) =>
    convertedOrNot({ nodes: [{ id: text, type: text, inputs: [{ name: text, type: text }] }] }),
  'a value that is checked': (text) =>
    checkPrompt({ 1: { class_type: 'Out', inputs: { is: text, cfg: text, name: text, [text]: text } } }, CHECKED),
  'choices that are compared': (text) =>
    checkPrompt({ 1: { class_type: 'Out', inputs: { name: text } } }, new CheckedNodes(infoOf([text, `${text}/a`]))),
  'the packages of a machine': (text) =>
    orderedPackages({ steps: [{ type: 'custom-node', data: { url: text, files: [text] } }] }),
  'the path of a model': (path) => modelNames([{ path }, { path: `${path}.pt` }]),
  'a version': (text) => compareVersions(text, `${text}1`),
  'a text with choices': (text) => dynamicText(text, () => 0),
  'a name with values in it': (text) =>
    replacedText(
      text,
      (value) => ({ value }),
      () => new Date(0),
    ),
  'how long a run took': (text) => NewestWire.safeParse(parsePythonJson(text)),
  'what has run': (text) => HistoryWire.safeParse(parsePythonJson(text)),
  'what was saved before': (text) => new Manifest(folderWith(text)).read(new Names()),
  'what the page says to its tab': heardInTab,
  'the kind of a file': (filename) => kindOf({ filename }),
  'a name in a row': shownName,
  'the address of an output': (text) => namedOutput({ authority: text, path: text }),
  'an address of an output as it was': (path) => namedOutput({ authority: '', path }),
  'headers about frames': (text) => frameVerdict({ get: () => text }, 200, 'desktop'),
  'an address from the settings': (text) => parseBaseUrl(text, 'setting', false),
  'slashes at the end of an address': withoutSlashes,
  'the address of a session': isOpenable,
  'the host of an address': (text) => isOpenable(`https://${text}`) && hostPattern(`https://${text}`),
  'a name in a table': (machine) => historyCsv(new Map([[sessionId('a'), receiptOf(machine)]])),
  'a key': accountOf,
  'a time': parseInstant,
  'parts of a second': (text) => parseInstant(`2026-11-21T22:18:06.${text}`),
  'a length that is typed': (text) => readTime(`1${text}h`),
  'bytes of a file': (text) => textIn(new TextEncoder().encode(text)),
  'the beginning of a file': beginsLikeWorkflow,
  ...Object.fromEntries(
    Object.entries(MEDIA).map(([name, head]) => [`what ${name} carries`, (text: string) => carriedBehind(head, text)]),
  ),
  ...Object.fromEntries(
    Object.entries(CARRIERS).map(([name, of]) => [
      `a text in ${name}`,
      (text: string) => carriedBehind(of({ workflow: text }).toString('latin1'), ''),
    ]),
  ),
  'the head of a picture': (text) => pictureSizeIn(Buffer.from(`\xff\xd8${text}`, 'latin1')),
  'a failure': (text) => failureOf(new Response('', { status: 400 }), JSON.stringify({ detail: text }), 'It'),
  'a failure that is no JSON': (text) => failureOf(new Response('', { status: 400 }), text, 'It'),
  'a sentence': asSentence,
  'what a terminal shows': harmless,
  'what a program printed': wordsOf,
  colours: plain,
  'a line of a log': (text) => logOf([`data: ${JSON.stringify({ message: text })}\n\n`]),
  'a log that is one line': (text) => logOf(chunksOf(text)),
  'what goes into the log': redact,
  'what holds secrets': (text) => SECRETS.hide(text),
  'an address that is a secret': (text) => new Secrets().address(`https://${text}.example.org`),
  'a line to show': plainText,
  'a name to show': plainName,
  'lines to show': plainLines,
  'a page to show': plainPage,
  'a time that is typed': readTime,
  'the ledger': (text) => parseLedger(text, 'scope'),
  'the ledger, cleaned up': (text) => compact(text, 0),
  receipts: (text) => parseReceipts(text, 'scope'),
  'receipts, cleaned up': (text) => compactReceipts(text, 0),
  'the register of windows': parseRegister,
  'what was said': readState,
  'the work of sessions': readWork,
  'what another editor wants': (text) => allWant({ ...USUAL_SETTINGS, spendingLimits: NO_SPENDING_LIMITS }, [text]),
};

/** Patterns that have made a parser read the same text again and again. */
const HOSTILE: Readonly<Record<string, Maker<string>>> = {
  ...Object.fromEntries(
    [
      ...[
        'a',
        '1',
        '-',
        '_',
        '.',
        ',',
        ':',
        ';',
        '/',
        '\\',
        '"',
        "'",
        '\\"',
        ' ',
        '\t',
        '\n',
        '\r',
        '\r\n',
        '=',
        '@',
        '%2F',
      ],
      ...[
        '[',
        '{',
        '{"a":',
        '[1,',
        '"a",',
        '(',
        '<',
        '../',
        'a/',
        '/a',
        '/@',
        'a.',
        '. ',
        '\0',
        '\x1b',
        '\x1b[',
        '\x1b[1;',
        '\x1b]',
      ],
      ...[
        '\x90',
        'http://',
        'https://a ',
        'eyJ',
        'eyJaaaaaaaa.',
        '.modal',
        'a.modal.',
        'NaN',
        '-',
        'Infinity',
        '8.0,',
        '1e5',
        '-0',
      ],
      ...[
        'é',
        '\u0301',
        '\ud800',
        '😀',
        '\u200e',
        'Node ID ',
        "Node ID '#",
        '%25',
        'http%25',
        '😀\u200d',
        '\ufe0f',
        'data: ',
        'data: a\n',
        ': a\n',
        'a=b;',
        '](',
        'a"b"',
      ],
    ].map((text) => [JSON.stringify(text), repeated(text)]),
  ),
  'the file that stopped everything': repeated('\\"', '"class_type" NaN"'),
  'a string without an end': repeated('x\\', '{"a": NaN, "b": "'),
  'a string of escapes': repeated('\\"', '{"a": NaN, "b": "', '"}'),
  'lists in lists': (size) => `[${deep(size)}]`,
  'lists in lists in a prompt': (size) => `{"1":{"class_type":"A","inputs":{"a":[${deep(size)}]}}}`,
  'a long number': (size) => `{"1":{"class_type":"A","inputs":{"a":${'9'.repeat(size)}.0}}}`,
  'spaces in front of an end': repeated(' ', '', 'x'),
  'dots in front of an end': repeated('.', '', 'x'),
  'slashes in front of an end': repeated('/', 'https://a', 'x'),
  'zeros in front of an end': repeated('\0', '', 'x'),
  'slashes at an end': repeated('/', 'https://a'),
  'many nodes': (size) => JSON.stringify(promptOf(size / 40)),
};

function differenceOf(graph: Graph): unknown {
  const [before, after] = [{ nodes: [], links: [] }, graph].map((one: Graph) => ({ graph: one, prompt: undefined }));
  return stepsOf(differing(before!, after!, () => undefined)).atOnce();
}

function comparedAndTold(before: Graph, after: Graph): readonly string[] {
  const forms = [before, after].map((graph) => ({ graph, prompt: undefined }));
  const compared = stepsOf(comparing(forms[0]!, forms[1]!)).atOnce();
  return compared ? summaryOf(compared, true, () => undefined) : [];
}

test('texts that others have written are read in time that grows as they do', async (t) => {
  for (const [name, parse] of Object.entries(PARSERS))
    await t.test(name, async () => {
      for (const [what, make] of Object.entries(HOSTILE)) await assertLinear(`${name}: ${what}`, make, parse);
    });
});

/** Other kinds of inputs, whose size is a count. */
const CASES: Readonly<Record<string, readonly [Maker<unknown>, (input: never) => unknown]>> = {
  'a graph written down': [graphOf, stableWorkflow],
  'a drawn graph': [rowsOfNodes, convertedOrNot],
  'two drawn graphs that are compared': [rowsOfNodes, (graph: object) => comparedAndTold({ ...graph }, { nodes: [] })],
  'a drawn graph that is compared with itself': [
    rowsOfNodes,
    (graph: object) => comparedAndTold({ ...graph }, { ...graph }),
  ],
  'many links to one input': [
    (size: number) => Array.from({ length: size }, (_, id) => [id, id, 0, 1, 0, '*']),
    (links: readonly unknown[]) => comparedAndTold({ nodes: [{ id: 1, type: 'A' }], links }, { nodes: [] }),
  ],
  'a drawn graph as a picture': [rowsOfNodes, (graph: object) => drawnGraph({ ...graph })],
  'a prompt as a picture': [promptOf, drawnPrompt],
  'the difference of two graphs as a picture': [rowsOfNodes, (graph: object) => differenceOf({ ...graph })],
  'a graph that ComfyDeploy may not keep': [rowsOfNodes, (graph: object) => unstorableIn(graph)],
  'a drawn graph that is checked': [
    rowsOfNodes,
    (graph: object) => checkWorkflow({ graph: { ...graph } }, DRAWN_INFO, { packages: [], version: '1.0.0' }),
  ],
  'files that a prompt names': [rowOfFiles, (prompt: ReturnType<typeof rowOfFiles>) => filesNamedIn(prompt)],
  'a drawn graph that is checked by packages': [
    rowsOfNodes,
    (graph: object) =>
      roughFindings(
        { graph: { ...graph }, prompt: undefined, leftOut: [] },
        { packages: [], models: new Set(), hasMore: false },
      ),
  ],
  'what distinguishes a drawn workflow': [
    rowsOfNodes,
    (graph: object) => distinguishingTexts({ graph: { ...graph }, prompt: undefined }),
  ],
  'a drawn workflow that is explained': [
    rowsOfNodes,
    (graph: object) => new NodeHelp(DRAWN_INFO).valuesOf({ graph: { ...graph }, prompt: undefined }),
  ],
  'a prompt that is checked': [rowOfOutputs, (prompt: ReturnType<typeof rowOfOutputs>) => checkPrompt(prompt, CHECKED)],
  'nodes that each say much, checked in a long prompt': [
    (size) => [rowOfWordy(size), new CheckedNodes(wordyInfo(size))] as const,
    ([prompt, nodes]: readonly [ReturnType<typeof rowOfWordy>, CheckedNodes]) => checkPrompt(prompt, nodes),
  ],
  'a chain of reroutes': [chainOfReroutes, convertedOrNot],
  'a circle of reroutes': [(size) => chainOfReroutes(size, true), convertedOrNot],
  'values of a subgraph that are shown outside': [shownValues, convertedOrNot],
  'a group that is drawn many times': [groupOfMany, convertedOrNot],
  'lists in lists, written down': [nested, prettyJson],
  'lists in lists, sent': [nested, exactJson],
  'what will run of a prompt': [promptOf, planOf],
  'a graph made up for a prompt': [promptOf, graphOfPrompt],
  'a circle of nodes': [(size) => ({ ...promptOf(size), '0': promptOf(size)[String(size - 1)] }), graphOfPrompt],
  'two graphs without ids': [
    (size) => ({ ...graphOf(size), nodes: graphOf(size).nodes.map((node) => ({ ...node, id: -1 })) }),
    (graph: ReturnType<typeof graphOf>) => haveSameNodes(graph, graphOf(graph.nodes.length)),
  ],
  'states of many nodes': [
    (size) => [pythonStates(size), planOf(promptOf(size))] as const,
    ([text, plan]: readonly [string, ReturnType<typeof planOf>]) =>
      progressOf(named(posted(trackingOf('a')), 'a'), text, plan),
  ],
  'the time of a run with many messages': [historyOf, (history: Record<string, unknown>) => timingOf(history['a'])],
  'the last runs, one with many messages': [historyOf, endedRuns],
  'an end with many messages': [historyOf, (history: Record<string, unknown>) => endingIn(history, 'a')],
  'places of many problems': [
    (size) => [JSON.stringify(promptOf(size), undefined, 1), problemsOf(size)] as const,
    ([text, problems]: readonly [string, readonly NodeProblem[]]) => placesOf(text, problems),
  ],
  'what ComfyUI has against many nodes': [refusalTextOf, (text: string) => refusalOf(parsePythonJson(text))],
  'runs with many files': [
    (size) =>
      Object.fromEntries(runsOf(size).map(({ promptId, files }) => [promptId, { outputs: { 1: { images: files } } }])),
    (history: object) => HistoryWire.parse(history),
  ],
  'rows of a list': [
    (size) => Array.from({ length: size }, (_, n) => (n % 2 === 0 ? { id: String(n) } : n)),
    (rows: readonly unknown[]) => rowsIn(MachineWire, 'id', rows),
  ],
  'what was saved of many files': [
    (size) =>
      runsOf(size).flatMap(({ files }) =>
        files.map((file) => JSON.stringify({ ...file, path: file.filename, isWhole: true })),
      ),
    (lines: readonly string[]) => new Manifest(folderWith(lines.join('\n'))).read(new Names()),
  ],
  'the newest files of many': [
    runsOf,
    (runs: readonly RecentRun[]) => {
      const known = withPage(NO_RUNS, runs, true);
      reachesFar(known, runs);
      return newestFiles(withPage(known, runs.toReversed(), false).runs, 10_000_000);
    },
  ],
  'a saving of many files': [runsOf, saveAll],
  'two graphs compared as work': [
    rowsOfNodes,
    (graph: ReturnType<typeof rowsOfNodes>) => isSameWork({ ...graph }, { ...graph }),
  ],
  'places in a drawn workflow': [
    (size) => [JSON.stringify(rowsOfNodes(size), undefined, 1), problemsOf(size)] as const,
    ([text, problems]: readonly [string, readonly NodeProblem[]]) => placesOf(text, problems),
  ],
  'two graphs compared': [graphOf, (graph: ReturnType<typeof graphOf>) => haveSameNodes(graph, { ...graph })],
};

test('what others have made is worked with in time that grows as it does', async (t) => {
  for (const [name, [make, work]] of Object.entries(CASES))
    await t.test(name, () => assertLinear(name, make as Maker<never>, work, 1 << 12));
});

test('a page of more files than a call takes arguments is saved', async () => {
  const { failed } = await saveAll(runsOf(200_000));
  assert.equal(failed.length, 200_000);
});

test('an endless history is not read to its end, and that is reported', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  const { failed } = await saveAll(runsOf(3), clock, 1_000);
  assert.match(failed.map(({ why }) => why).join(), /took too long/);
  assert.ok(clock.now() - began < 30 * 60_000);
});

test('a reader that breaks down is found out', async () => {
  const broken = (text: string) => Math.max(...text.split('').map(Number));
  await assert.rejects(assertLinear('many arguments', repeated('1'), broken, 1 << 18), RangeError);
});

test('work that takes the square of its size is found out', async () => {
  const square = (text: string) => {
    let same = 0;
    for (let one = 0; one < text.length; one++)
      for (let other = 0; other < one; other++) if (text.charCodeAt(one) === text.charCodeAt(other)) same++;
    return same;
  };
  await assert.rejects(assertLinear('a square', repeated(' ', '', 'x'), square, 1 << 12), /times as long/);
  await assertLinear('a line', repeated(' ', '', 'x'), (text) => text.trimEnd());
});

function carriedBehind(head: string, text: string): Promise<unknown> {
  const bytes = Buffer.from(`${head}${text}`, 'latin1');
  const read = (from: number, length: number) => Promise.resolve(new Uint8Array(bytes.subarray(from, from + length)));
  return carriedIn({ size: bytes.length, read });
}

/** Each is an output, and each is fed by the one before it. */
function rowOfOutputs(size: number) {
  const nodes = Array.from({ length: size }, (_, id) => [
    String(id),
    { class_type: 'Out', inputs: { is: [String(id - 1), 0], cfg: id, name: `n${id}` } },
  ]);
  return Object.fromEntries(nodes) as Parameters<typeof checkPrompt>[0];
}

/** Each reads a file, and feeds the next. */
function rowOfFiles(size: number): Prompt {
  const nodes = Array.from({ length: size }, (_, id) => [
    String(id),
    { class_type: 'LoadImage', inputs: { image: `${id}.png`, is: [String(id - 1), 0] } },
  ]);
  return Object.fromEntries(nodes) as Prompt;
}

function infoOf(choices: readonly string[]): object {
  const required = { is: ['INT', {}], cfg: ['FLOAT', { min: 0, max: 1 }], name: [choices] };
  return { Out: { input: { required }, output: ['INT'], output_node: true } };
}

/** One type of nodes with a description of that size. */
function wordyInfo(size: number): object {
  const options = Object.fromEntries(Array.from({ length: size }, (_, n) => [`option ${n}`, n]));
  const required = { from: [`b,${'a,'.repeat(size)}`], is: ['INT', options], name: [['a'], options] };
  return { Wordy: { input: { required }, output: [`a,${'b,'.repeat(size)}`], output_node: true } };
}

function rowOfWordy(size: number) {
  const inputs = (n: number) => ({ from: [String((n + 1) % size), 0], is: n, name: `b${n}` });
  return Object.fromEntries(
    Array.from({ length: size }, (_, n) => [String(n), { class_type: 'Wordy', inputs: inputs(n) }]),
  );
}

/** Broken graphs are refused, which is fine here. */
function convertedOrNot(graph: unknown): void {
  try {
    promptFrom(graph, DRAWN_INFO);
  } catch (error) {
    assert.ok(error instanceof NotConverted);
  }
}

/** Some thousand files each. */
function runsOf(size: number): readonly RecentRun[] {
  const fileOf = (n: number) => ({ filename: `a_${n}.png`, subfolder: n % 2 === 0 ? 'a' : '', type: 'output' });
  return Array.from({ length: Math.ceil(size / 4_000) }, (_, run) => ({
    promptId: `p${run}`,
    finishedAt: undefined,
    files: Array.from({ length: Math.min(4_000, size - 4_000 * run) }, (_one, n) => fileOf(4_000 * run + n)),
  }));
}

/** None of the files exists any more. */
async function saveAll(recent: readonly RecentRun[], clock = new ManualClock(), pages = 1): Promise<Saved> {
  const runs = recent.map((run) => ({ ...run, ...NOTHING_ELSE, shown: run.files }));
  const gone = () => Promise.reject(new ApiError('missing', 'It is gone.'));
  return saveOutputs({
    async *history() {
      for (let page = 0; page < pages; page++) {
        yield await Promise.resolve(runs);
        clock.jump(60_000);
      }
    },
    comfyUi: {
      newest: () => Promise.resolve(undefined),
      recent: () => Promise.resolve([]),
      look: gone,
      open: gone,
      queue: () => Promise.resolve(0),
    },
    folder: folderWith(''),
    clock,
    random: () => 0,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
}

const NOTHING_ELSE = { at: undefined, graph: undefined, prompt: undefined, isCut: false };

/** A folder that is empty except for this manifest. */
function folderWith(noted: string): Folder {
  const no = () => Promise.resolve(false);
  const nothing = () => Promise.resolve(undefined);
  return {
    place: '/a',
    look: nothing,
    read: () => Promise.resolve(noted),
    create: no,
    isBegun: no,
    finish: no,
    fits: nothing,
    append: nothing,
    discard: nothing,
    arrived: () => Promise.resolve(0),
    receive: () => Promise.resolve({ write: nothing, close: nothing }),
  };
}

const TAB = new TabDocument(
  sessionPage({
    title: 'A10G',
    sessionId: 'one',
    scope: '811c9dc5',
    nonce: 'n',
    state: openPage(),
    url: 'https://one.tunnel.test/',
  }),
  { post: () => undefined, ask: () => undefined },
);

/** As an answer to a question, and without a question. */
function heardInTab(text: string): void {
  TAB.page(text);
  TAB.host({ ask: '{}', answer: 'graph_loaded' });
  TAB.page(text);
}

function promptOf(nodes: number): Record<string, { class_type: string; inputs: Record<string, unknown> }> {
  const node = (n: number) => ({ class_type: 'A', inputs: { a: 8.5, b: [String(n - 1), 0] } });
  return Object.fromEntries(Array.from({ length: nodes }, (_, n) => [String(n), node(n)]));
}

function graphOf(size: number) {
  const nodes = Array.from({ length: size }, (_, id) => ({ id, type: 'A', pos: [id, 1] }));
  return { nodes, links: nodes.map(({ id }) => [size - id, id, 0, id, 0, 'A']) };
}

/** A thousand levels, repeated: with many more, V8 itself takes more than linear time. */
function deep(size: number): string {
  const one = `${'['.repeat(1_000)}8.0${']'.repeat(1_000)}`;
  return Array.from({ length: Math.ceil(size / one.length) }, () => one).join();
}

function pythonStates(size: number): string {
  const ids = Array.from({ length: size }, (_, id) => [id, { state: 'running', value: 1, max: 2 }]);
  return JSON.stringify({
    type: 'progress_state',
    data: { prompt_id: 'a', nodes: Object.fromEntries(ids) as unknown },
  });
}

function historyOf(size: number): Record<string, unknown> {
  const prompt = promptOf(size);
  const cached = ['execution_cached', { nodes: Object.keys(prompt).reverse(), timestamp: 2 }];
  const messages = [cached, ...Array.from({ length: size }, (_, at) => ['execution_start', { timestamp: at }])];
  return { a: { prompt: [0, 'a', prompt, {}, Object.keys(prompt)], status: { messages } } };
}

function problemsOf(size: number): readonly NodeProblem[] {
  return Array.from({ length: size }, (_, id) => ({ ...PROBLEM, nodeId: String(id) }));
}

function refusalTextOf(size: number): string {
  const errors = [{ message: 'Bad', details: '' }];
  const nodes = Array.from({ length: size }, (_, id) => [id, { errors, dependent_outputs: [], class_type: 'A' }]);
  return JSON.stringify({ error: { message: 'No' }, node_errors: Object.fromEntries(nodes) as unknown });
}

function receiptOf(machine: string): Receipt {
  const sight = { sessionId: sessionId('a'), at: 0, createdAt: 0, gpu: 'A10G', gpuEventId: 'e', machine };
  const [receipt] = fold([{ kind: 'opened', ...sight }]).values();
  assert.ok(receipt);
  return receipt;
}

function nested(size: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < size; level++) value = [value];
  return value;
}

async function logOf(chunks: readonly string[]): Promise<number> {
  const bytes = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes.encode(chunk));
      controller.close();
    },
  });
  let count = 0;
  for await (const lines of readLog(stream)) count += lines.length;
  return count;
}

/** In pieces, as from a slow network. */
function chunksOf(text: string): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / 64) }, (_, n) => text.slice(64 * n, 64 * (n + 1)));
}
