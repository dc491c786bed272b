import { isHere } from '../platform/baseUrl';

/**
 * Whether an address is one of the server that the editor's own window comes from, as a code-server's `/proxy/8188/` is.
 * A page framed there is of the window's origin, and could use everything that the editor has on show.
 * @param remoteName what VS Code calls the other computer: in a browser the host and port of that server, else a word
 * that no address has for a host.
 */
export function isOfEditor(address: string, remoteName: string | undefined): boolean {
  if (remoteName === undefined || !URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  const own = `${protocol}//${remoteName}`;
  return URL.canParse(own) && placeOf(new URL(address)) === placeOf(new URL(own));
}

/** Host and port, of all names for one place the same. */
function placeOf(url: URL): string {
  const host = url.hostname.replace(/\.$/, '');
  return `${isHere(url) ? 'localhost' : host}:${url.port}`;
}
