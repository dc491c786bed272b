import type { OutputFile } from './outputs';

export type FileKind = 'image' | 'video' | 'audio' | '3D' | 'text' | 'file';

const KINDS: Readonly<Record<Exclude<FileKind, 'file'>, RegExp>> = {
  image: /\.(?:png|jpe?g|webp|gif|bmp|avif|tiff?)$/i,
  video: /\.(?:mp4|webm|mov|mkv|avi|m4v)$/i,
  audio: /\.(?:flac|mp3|wav|ogg|opus|m4a|aac)$/i,
  '3D': /\.(?:glb|gltf|obj|ply|stl|fbx|splat|usdz)$/i,
  text: /\.(?:txt|json|csv|md|ya?ml|xml|svg|srt)$/i,
};

const ORDER = ['image', 'video', 'audio', '3D', 'text'] as const;

/** By its extension, since the name of the list in a node's output is not reliable. */
export function kindOf({ filename }: Pick<OutputFile, 'filename'>): FileKind {
  return ORDER.find((kind) => KINDS[kind].test(filename)) ?? 'file';
}
