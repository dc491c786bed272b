import graph from './defaultGraph.json';

/** The text-to-image graph a fresh page opens with, as the editor keeps it. */
export const defaultWorkflow: Readonly<Record<string, unknown>> = graph;

/** The same in API format. Another seed is another picture, and not answered from the cache. */
export const defaultPrompt = (seed: number): Readonly<Record<string, unknown>> => ({
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'mountain ridges before a low sun', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'text, watermark', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'ComfyUI', images: ['8', 0] } },
});
