import type { FileRef, Files, FolderType } from './files';
import { asRecord, plainText, pythonJson } from './json';
import { landscape, plain, type Picture } from './picture';
import { numberInput, upstreamOf } from './plan';
import { encodePng } from './png';
import type { Prompt, QueueItem } from './queue';
import { encodeWebp } from './webp';

/** What a node shows when it is done, as in `executed` and in history. */
export type NodeOutput = Readonly<Record<string, unknown>>;

/** A failure of a node while it runs. */
export class NodeFailure extends Error {
  constructor(
    message: string,
    readonly exceptionType: string,
    readonly nodeId?: string,
  ) {
    super(message);
  }
}

const LONGEST_SIDE = 2048;
const MOST_IMAGES = 64;

/** The first bytes of a file of that kind: enough to recognise it, too few to play it. */
const CONTAINERS = {
  mp4: Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1'),
  webm: Buffer.from('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm', 'latin1'),
  flac: Buffer.from('fLaC\0\0\0\x22\x04\x80\x04\x80', 'latin1'),
} as const;

/** Makes an output node's files and returns what it shows; undefined for other nodes. */
export function produce(item: QueueItem, id: string, files: Files): NodeOutput | undefined {
  const node = item.prompt[id];
  const prefix = plainText(node?.inputs['filename_prefix'] ?? 'ComfyUI');
  if (prefix.startsWith('/') || prefix.split('/').includes('..')) {
    throw new NodeFailure('**** ERROR: Saving outside the output folder is not allowed.', 'Exception');
  }
  const images = (type: FolderType, stem: string) => ({ images: saveImages(item, id, files, type, stem) });
  const media = (extension: keyof typeof CONTAINERS, type: FolderType = 'output', stem = prefix) => [
    files.save(type, stem, extension, CONTAINERS[extension]),
  ];
  switch (node?.class_type) {
    case 'SaveImage':
      return images('output', prefix);
    case 'PreviewImage':
      return images('temp', files.previewPrefix);
    case 'SaveAnimatedPNG':
      return {
        images: [files.save('output', prefix, 'png', encodePng(pictureOf(item.prompt, id, 0)))],
        animated: [true],
      };
    case 'SaveAnimatedWEBP':
      return {
        images: [files.save('output', prefix, 'webp', encodeWebp(pictureOf(item.prompt, id, 0)))],
        animated: [true],
      };
    case 'SaveWEBM':
      return { images: media('webm'), animated: [true] };
    case 'SaveVideo':
      return { images: media('mp4'), animated: [true] };
    case 'SaveAudio':
      return { audio: media('flac') };
    case 'PreviewAudio':
      return { audio: media('flac', 'temp', files.previewPrefix) };
    case 'PreviewAny':
      return { text: [plainText(node.inputs['source'])] };
    case 'ProbeUi':
      return oddOutput(files.save('output', 'AnimateDiff', 'mp4', CONTAINERS.mp4));
    case undefined:
    default:
      return undefined;
  }
}

/**
 * Outputs as some custom nodes have them: a video under their own key, numbers that JSON cannot hold, or nothing at
 * all.
 */
const oddOutput = (video: FileRef): NodeOutput => ({
  gifs: [{ ...video, format: 'video/h264-mp4', frame_rate: 8, workflow: 'AnimateDiff_00001.png', fullpath: '' }],
  score: [NaN, Infinity],
  names: ['a', 'b'],
  none: [],
});

/** What the outputs downstream of a node will show, or the node's own input. */
export function pictureOf(prompt: Prompt, id: string, index: number): Picture {
  const upstream = upstreamOf(prompt, id);
  const of = (...names: readonly string[]) => upstream.find((each) => names.includes(prompt[each]?.class_type ?? ''));
  const source = of('EmptyImage', 'EmptyLatentImage') ?? id;
  const side = (name: string) => Math.max(1, Math.floor(numberInput(prompt, source, name, 512, LONGEST_SIDE)));
  const [width, height] = [side('width'), side('height')];
  if (prompt[source]?.class_type === 'EmptyImage') {
    return plain(width, height, numberInput(prompt, source, 'color', 0, 0xffffff));
  }
  const sampler = of('KSampler');
  const seed = sampler === undefined ? 0 : numberInput(prompt, sampler, 'seed', 0, Number.MAX_VALUE);
  return landscape(width, height, (seed % 4_294_967_296) + index);
}

function saveImages(item: QueueItem, id: string, files: Files, type: FolderType, stem: string): readonly FileRef[] {
  const sizes = upstreamOf(item.prompt, id).filter((each) => 'batch_size' in (item.prompt[each]?.inputs ?? {}));
  const count = sizes[0] === undefined ? 1 : numberInput(item.prompt, sizes[0], 'batch_size', 1, MOST_IMAGES);
  const workflow = asRecord(item.extraData['extra_pnginfo'])?.['workflow'];
  const metadata = {
    prompt: pythonJson(item.prompt),
    ...(workflow === undefined ? {} : { workflow: pythonJson(workflow) }),
  };
  return Array.from({ length: count }, (_, index) =>
    files.save(type, stem, 'png', encodePng(pictureOf(item.prompt, id, index), metadata)),
  );
}
