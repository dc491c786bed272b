/** One input as /object_info gives it: a type or a list of choices, then its settings. */
export type InputSpec = readonly [type: string | readonly string[], settings?: InputSettings];

export interface InputSettings {
  readonly default?: unknown;
  readonly min?: number;
  readonly max?: number;
  readonly [name: string]: unknown;
}

export interface NodeClass {
  readonly name: string;
  readonly displayName: string;
  readonly category: string;
  readonly required: Readonly<Record<string, InputSpec>>;
  readonly optional?: Readonly<Record<string, InputSpec>>;
  readonly outputs: readonly string[];
  /** An output node is a reason to run; the others only feed it. */
  readonly isOutput: boolean;
}

export const CHECKPOINTS: readonly string[] = ['sd_xl_base_1.0.safetensors', 'v1-5-pruned-emaonly-fp16.safetensors'];

const int = (fallback: number, min: number, max: number, more: InputSettings = {}): InputSpec => [
  'INT',
  { default: fallback, min, max, ...more },
];
const float = (fallback: number, min: number, max: number, step = 0.01): InputSpec => [
  'FLOAT',
  { default: fallback, min, max, step },
];
const string = (fallback: string): InputSpec => ['STRING', { default: fallback }];
const prefix = (fallback = 'ComfyUI') => ({ filename_prefix: string(fallback) });
const image: Readonly<Record<string, InputSpec>> = { images: ['IMAGE'] };

const SAMPLERS = ['euler', 'euler_ancestral', 'heun', 'dpm_2', 'lms', 'dpmpp_2m', 'dpmpp_sde', 'ddim', 'uni_pc'];
const SCHEDULERS = ['simple', 'sgm_uniform', 'karras', 'exponential', 'ddim_uniform', 'beta', 'normal'];

const feeds = (
  name: string,
  displayName: string,
  category: string,
  required: NodeClass['required'],
  outputs: readonly string[],
): NodeClass => ({ name, displayName, category, required, outputs, isOutput: false });

const shows = (
  name: string,
  displayName: string,
  category: string,
  required: NodeClass['required'],
  outputs: readonly string[] = [],
): NodeClass => ({ name, displayName, category, required, outputs, isOutput: true });

const ALL: readonly NodeClass[] = [
  feeds(
    'CheckpointLoaderSimple',
    'Load Checkpoint',
    'loaders',
    { ckpt_name: [CHECKPOINTS, { tooltip: 'The name of the checkpoint (model) to load.' }] },
    ['MODEL', 'CLIP', 'VAE'],
  ),
  feeds(
    'CLIPTextEncode',
    'CLIP Text Encode (Prompt)',
    'conditioning',
    { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: ['CLIP'] },
    ['CONDITIONING'],
  ),
  feeds(
    'EmptyLatentImage',
    'Empty Latent Image',
    'latent',
    { width: int(512, 16, 16_384), height: int(512, 16, 16_384), batch_size: int(1, 1, 4096) },
    ['LATENT'],
  ),
  feeds(
    'KSampler',
    'KSampler',
    'sampling',
    {
      model: ['MODEL'],
      seed: int(0, 0, 18_446_744_073_709_551_615, { control_after_generate: true }),
      steps: int(20, 1, 10_000),
      cfg: ['FLOAT', { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 }],
      sampler_name: [SAMPLERS],
      scheduler: [SCHEDULERS],
      positive: ['CONDITIONING'],
      negative: ['CONDITIONING'],
      latent_image: ['LATENT'],
      denoise: float(1, 0, 1),
    },
    ['LATENT'],
  ),
  feeds('VAEDecode', 'VAE Decode', 'latent', { samples: ['LATENT'], vae: ['VAE'] }, ['IMAGE']),
  feeds(
    'EmptyImage',
    'EmptyImage',
    'image',
    {
      width: int(512, 1, 16_384, { step: 1 }),
      height: int(512, 1, 16_384, { step: 1 }),
      batch_size: int(1, 1, 4096),
      color: int(0, 0, 0xffffff, { step: 1, display: 'color' }),
    },
    ['IMAGE'],
  ),
  feeds('LoadImage', 'Load Image', 'image', { image: [[], { image_upload: true }] }, ['IMAGE', 'MASK']),
  feeds('LoadAudio', 'Load Audio', 'audio', { audio: string('tone.wav') }, ['AUDIO']),
  feeds('CreateVideo', 'Create Video', 'image/video', { images: ['IMAGE'], fps: float(30, 1, 120, 1) }, ['VIDEO']),
  feeds(
    'ProbeSlow',
    'Slow step',
    'testing',
    {
      image: ['IMAGE'],
      steps: int(5, 1, 10_000),
      delay: float(0.2, 0, 60),
      fail_at: int(-1, -1, 10_000),
      preview: ['BOOLEAN', { default: true }],
    },
    ['IMAGE'],
  ),
  shows('SaveImage', 'Save Image', 'image', { ...image, ...prefix() }),
  shows('PreviewImage', 'Preview Image', 'image', image),
  shows('SaveAnimatedWEBP', 'SaveAnimatedWEBP', 'image/animation', {
    ...image,
    ...prefix(),
    fps: float(6, 0.01, 1000),
    lossless: ['BOOLEAN', { default: true }],
    quality: int(80, 0, 100),
    method: [['default', 'fastest', 'slowest']],
  }),
  shows('SaveAnimatedPNG', 'SaveAnimatedPNG', 'image/animation', {
    ...image,
    ...prefix(),
    fps: float(6, 0.01, 1000),
    compress_level: int(4, 0, 9),
  }),
  shows('SaveWEBM', 'SaveWEBM', 'image/video', {
    ...image,
    ...prefix(),
    codec: [['vp9', 'av1']],
    fps: float(24, 0.01, 1000),
    crf: float(32, 0, 63),
  }),
  shows('SaveVideo', 'Save Video', 'image/video', {
    video: ['VIDEO'],
    ...prefix('video/ComfyUI'),
    format: [['auto', 'mp4']],
    codec: [['auto', 'h264']],
  }),
  shows('SaveAudio', 'Save Audio (FLAC)', 'audio', { audio: ['AUDIO'], ...prefix('audio/ComfyUI') }),
  shows('PreviewAudio', 'Preview Audio', 'audio', { audio: ['AUDIO'] }),
  shows('PreviewAny', 'Preview Any', 'utils', { source: ['*'] }),
  shows('ProbeUi', 'Odd output', 'testing', { n: int(1, 0, 100) }),
];

const BY_NAME: ReadonlyMap<string, NodeClass> = new Map(ALL.map((each) => [each.name, each]));

export const nodeClass = (name: string): NodeClass | undefined => BY_NAME.get(name);

/**
 * /object_info, or /object_info/{node}: an unknown name gives an empty object.
 * @param files in the input folder, offered as choices by nodes that read one.
 */
export function objectInfo(name?: string, files: readonly string[] = []): Readonly<Record<string, unknown>> {
  const classes = name === undefined ? ALL : ALL.filter((each) => each.name === name);
  return Object.fromEntries(classes.map((each) => [each.name, info(each, files)]));
}

/** Such nodes check their files in their own code. */
export const isUpload = ([, settings = {}]: InputSpec): boolean => settings['image_upload'] === true;

const info = ({ name, displayName, category, required, outputs, isOutput }: NodeClass, files: readonly string[]) => ({
  input: {
    required: Object.fromEntries(
      Object.entries(required).map(([input, spec]) => [input, isUpload(spec) ? [files, spec[1]] : spec]),
    ),
  },
  input_order: { required: Object.keys(required) },
  output: outputs,
  output_is_list: outputs.map(() => false),
  output_name: outputs,
  name,
  display_name: displayName,
  description: '',
  python_module: 'nodes',
  category,
  output_node: isOutput,
});
