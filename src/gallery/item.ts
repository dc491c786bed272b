import type { FileKind } from '../comfyui/fileKinds';

/** An output in the gallery. All texts are harmless to show. */
export interface Item {
  /** By which the page and we name it: another one once it is written again. */
  readonly id: string;
  /** The address of a saved file, to be dragged elsewhere. */
  readonly uri: string;
  readonly name: string;
  readonly kind: FileKind;
  /** When it was made, ms. */
  readonly at: number;
  /** That day, as people write it. */
  readonly day: string;
  /** The session that made it. */
  readonly from: string;
  /** Where the page reads it; of what is only in a session, a thumbnail as a `data:` address, or nothing. */
  readonly src: string;
  readonly isSaved: boolean;
  readonly isStarred: boolean;
}

/** As it is sent to the page. */
export type LiveItem = Omit<Item, 'uri' | 'day' | 'isSaved' | 'isStarred'>;

/** The files of a folder, as they are sent to the page: short, since there may be many. */
export interface Listed {
  /** Its address, and the one from which the page reads. */
  readonly root: string;
  readonly src: string;
  readonly files: readonly SavedItem[];
}

export interface SavedItem extends Pick<Item, 'name' | 'kind' | 'at' | 'from' | 'isStarred'> {
  /** In the folder, as in addresses. */
  readonly path: string;
}

/** Of a file in the folder. */
export function idOf(at: number, path: string): string {
  return `${at} ${path}`;
}

/** What is in a file beside its picture. */
export interface Facts {
  /** Pixels. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Inputs of the nodes that made it, the most telling first; undefined before somebody asks for them. */
  readonly inputs?: readonly Input[];
  /** Which workflow made it, whatever its seeds, texts and sizes; empty if none is known. */
  readonly work?: string;
}

export type Input = readonly [name: string, value: string];

export type ToPage =
  | {
      /** What is only in sessions. */
      readonly live: readonly LiveItem[];
      /** What is in the folder, if that has changed. */
      readonly saved?: Listed;
      /** Why there are none, or not all. */
      readonly about: string;
      /** The session that is asked for; empty for no change. */
      readonly from: string;
    }
  | { readonly facts: readonly (readonly [id: string, facts: Facts])[] }
  /** The whole of what is only in a session. */
  | { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> };

/** What the page asks for: that one thing is done with some of its items. */
export interface FromPage {
  readonly act: string;
  readonly ids: readonly string[];
}
