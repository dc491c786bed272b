import { isHere, parseUrl } from '../platform/baseUrl';

/**
 * Whether an address has the origin of the server that the editor's window comes from, such as code-server's
 * `/proxy/8188/`. A page framed there would have the window's origin, and could access everything open in the editor.
 * @param remoteName VS Code's name for the other computer: in a browser, the host and port of that server; otherwise a
 * word that is not a valid host.
 */
export function isOfEditor(address: string, remoteName: string | undefined): boolean {
  const url = remoteName === undefined ? undefined : parseUrl(address);
  const own = parseUrl(`${url?.protocol}//${remoteName}`);
  return url !== undefined && own !== undefined && placeOf(url) === placeOf(own);
}

/** Host and port, equal for all names of the same place. */
function placeOf(url: URL): string {
  const host = url.hostname.replace(/\.$/, '');
  return `${isHere(url) ? 'localhost' : host}:${url.port}`;
}
