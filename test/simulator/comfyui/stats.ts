const GIB = 1024 ** 3;
const RAM = 64 * GIB;
const CONTEXT = 0.6 * GIB; // what CUDA takes before anything is loaded
const MODELS = 6.9 * GIB;

/** The total memory that a card reports, in GiB: a little less than its name says. */
const VRAM: Readonly<Record<string, number>> = {
  T4: 14.6,
  L4: 22.2,
  A10G: 22.1,
  L40S: 44.4,
  A100: 39.4,
  'A100-80GB': 79.2,
  H100: 79.2,
  H200: 139.8,
  B200: 178.4,
};

const SYSTEM = {
  os: 'posix',
  ram_total: RAM,
  ram_free: Math.round(0.7 * RAM),
  comfyui_version: '0.3.64',
  required_frontend_version: '1.27.10',
  installed_templates_version: null,
  required_templates_version: '0.1.95',
  python_version: '3.11.7 (main) [GCC 12.2.0]',
  pytorch_version: '2.8.0+cu128',
  embedded_python: false,
  argv: ['main.py', '--listen', '0.0.0.0', '--port', '8188', '--enable-cors-header'],
} as const;

/** GET /system_stats. Bytes; without a card, the processor's memory stands in. */
export function systemStats(gpu: string, modelsLoaded: boolean): unknown {
  return { system: SYSTEM, devices: [deviceOf(gpu, modelsLoaded)] };
}

function deviceOf(gpu: string, modelsLoaded: boolean): unknown {
  const gib = VRAM[gpu];
  if (gib === undefined) {
    const memory = {
      vram_total: RAM,
      vram_free: SYSTEM.ram_free,
      torch_vram_total: RAM,
      torch_vram_free: SYSTEM.ram_free,
    };
    return { name: 'cpu', type: 'cpu', index: null, ...memory };
  }
  const total = Math.round(gib * GIB);
  const reserved = modelsLoaded ? Math.round(MODELS) : 0;
  return {
    name: `cuda:0 NVIDIA ${gpu} : cudaMallocAsync`,
    type: 'cuda',
    index: 0,
    vram_total: total,
    vram_free: total - Math.round(CONTEXT) - reserved,
    torch_vram_total: reserved,
    torch_vram_free: 0,
  };
}
