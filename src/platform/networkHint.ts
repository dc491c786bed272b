import * as l10n from '@vscode/l10n';
import { asSentence, type ApiError } from './errors';

const EXPIRED = /^(?:ERR_)?CERT_(?:HAS_EXPIRED|NOT_YET_VALID|DATE_INVALID)$/;
const UNTRUSTED = /CERT|^UNABLE_TO_|^ERR_(?:SSL|TLS)_/;
/** The other side uses another protocol than https. */
const NO_TLS = /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|PROTOCOL_ERROR))$/;
const CLOSED = /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_EMPTY_RESPONSE|ERR_CONNECTION_(?:CLOSED|RESET))$/;
/** See `networkCodeOf`. */
const PROXY_SIGN_IN = /^(?:PROXY_RESPONSE_407|ERR_PROXY_AUTH_\w+)$/;
const ON_THE_WAY =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED|ERR_(?:PROXY|TUNNEL|ADDRESS|CONNECTION)_\w+)$/;

type Coded = Pick<ApiError, 'code'>;

/** Where the problem is, as far as the network's code shows. */
export function troubleOf({ code = '' }: Coded): 'address' | 'certificate' | 'way' | undefined {
  if (NO_TLS.test(code) || code === 'BAD_PORT') return 'address';
  if (UNTRUSTED.test(code)) return 'certificate';
  return [ON_THE_WAY, CLOSED, PROXY_SIGN_IN].some((codes) => codes.test(code)) ? 'way' : undefined;
}

/** What may help if nothing can be reached; undefined if not known. */
export function networkHintOf({ code = '' }: Coded): string | undefined {
  if (EXPIRED.test(code)) return l10n.t("Its certificate has expired, or this computer's clock is wrong ({0}).", code);
  if (NO_TLS.test(code)) return l10n.t("It doesn't use https: check the address in the settings ({0}).", code);
  if (CLOSED.test(code))
    return l10n.t('The connection was closed on the way. A proxy or a firewall may not allow it ({0}).', code);
  if (PROXY_SIGN_IN.test(code)) return l10n.t('A proxy requires a sign-in: check the setting http.proxy ({0}).', code);
  if (code === 'UNEXPECTED_REDIRECT')
    return l10n.t(
      'It redirects to another address, as networks do that require a sign-in. Check the address in the settings, or open a web page to sign in to the network.',
    );
  switch (troubleOf({ code })) {
    case 'certificate':
      return l10n.t(
        "Its certificate is not trusted here. Behind a corporate proxy, add the proxy's certificate to this computer, and check the settings http.systemCertificates and http.proxy ({0}).",
        code,
      );
    case 'way':
      return l10n.t('Check your connection. Behind a proxy, check the setting http.proxy ({0}).', code);
    case 'address':
    case undefined:
      return undefined;
  }
}

/** What failed, and what may help. */
export function failureAndHint(error: ApiError): string {
  return [asSentence(error.message), networkHintOf(error)].filter(Boolean).join(' ');
}
