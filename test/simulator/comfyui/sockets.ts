import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { pythonJson } from './json';

export const FEATURES = { supports_preview_metadata: true, max_upload_size: 104_857_600 } as const;

/** The receivers of a message: one client id (connected or not), or every registered socket. */
export type Audience = { readonly clientId: string } | 'everybody';

interface Client {
  readonly socket: WebSocket;
  /** Whether its first message asked for previews with metadata (which node they come from). */
  wantsPreviewMetadata: boolean;
}

export interface Preview {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly jpeg: Buffer;
}

/** The connected sockets, one per client id: a second one takes over, and when either closes the id is forgotten. */
export class Sockets {
  readonly #clients = new Map<string, Client>();
  readonly #open = new Set<WebSocket>();
  #isMute = false;

  get count(): number {
    return this.#open.size;
  }

  /** Registers a socket; an empty id gets one made up. Returns the id. */
  connect(socket: WebSocket, asked: string): string {
    const clientId = asked === '' ? randomUUID().replaceAll('-', '') : asked;
    const client: Client = { socket, wantsPreviewMetadata: false };
    this.#clients.set(clientId, client);
    this.#open.add(socket);

    let first = true;
    socket.on('message', (data, isBinary) => {
      const message = isBinary || !Buffer.isBuffer(data) ? undefined : parsed(data.toString());
      if (message === undefined) return;
      if (first && isFeatureFlags(message)) this.#exchangeFeatures(client, message);
      first = false;
    });
    socket.on('close', () => {
      this.#open.delete(socket);
      this.#clients.delete(clientId);
    });
    socket.on('error', () => socket.terminate());
    return clientId;
  }

  send(audience: Audience, type: string, data: unknown): void {
    const message = pythonJson({ type, data });
    for (const { socket } of this.#reached(audience)) socket.send(message);
  }

  /** In the form each client asked for: bare, or with the node it comes from. */
  sendPreview(audience: Audience, make: () => Preview): void {
    const clients = this.#reached(audience);
    if (clients.length === 0) return;
    const { metadata, jpeg } = make();
    const described = Buffer.from(pythonJson({ ...metadata, image_type: 'image/jpeg' }));
    for (const { socket, wantsPreviewMetadata } of clients) {
      const parts = wantsPreviewMetadata ? [uint32(4), uint32(described.length), described] : [uint32(1), uint32(1)];
      socket.send(Buffer.concat([...parts, jpeg]));
    }
  }

  /** Ends every connection without a closing handshake, as a lost network does. */
  drop(): void {
    for (const socket of this.#open) socket.terminate();
  }

  /** Sends nothing more over connections that stay open, as when the network is lost on one side. */
  mute(): void {
    this.#isMute = true;
  }

  #exchangeFeatures(client: Client, message: FeatureFlags): void {
    client.wantsPreviewMetadata = message.data?.supports_preview_metadata === true;
    client.socket.send(pythonJson({ type: 'feature_flags', data: FEATURES }));
  }

  #reached(audience: Audience): readonly Client[] {
    if (this.#isMute) return [];
    if (audience === 'everybody') return [...this.#clients.values()];
    const client = this.#clients.get(audience.clientId);
    return client ? [client] : [];
  }
}

interface FeatureFlags {
  readonly type: 'feature_flags';
  readonly data?: { readonly supports_preview_metadata?: unknown };
}

const isFeatureFlags = (message: unknown): message is FeatureFlags =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'feature_flags';

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined; // the server ignores what is not JSON
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
