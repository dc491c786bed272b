import type { ApiError } from './errors';

const EXPIRED = /^(?:ERR_)?CERT_(?:HAS_EXPIRED|NOT_YET_VALID|DATE_INVALID)$/;
const UNTRUSTED = /CERT|^UNABLE_TO_|^ERR_(?:SSL|TLS)_/;
const ON_THE_WAY =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED|ERR_(?:PROXY|TUNNEL|ADDRESS|CONNECTION)_\w+)$/;

type Coded = Pick<ApiError, 'code'>;

/** Where the trouble is, as far as the network's own word for it tells. */
export function troubleOf({ code }: Coded): 'certificate' | 'way' | undefined {
  if (code === undefined) return undefined;
  if (UNTRUSTED.test(code)) return 'certificate';
  return ON_THE_WAY.test(code) ? 'way' : undefined;
}

/** What may help where nothing can be reached; undefined where nobody can tell. */
export function networkHintOf({ code = '' }: Coded): string | undefined {
  if (EXPIRED.test(code)) return `Its certificate has expired, or this computer's clock is wrong (${code}).`;
  switch (troubleOf({ code })) {
    case 'certificate':
      return `Its certificate is not trusted here. Behind a company's proxy, add the proxy's certificate to this computer's, and look at the settings http.systemCertificates and http.proxy (${code}).`;
    case 'way':
      return `Check the connection. Behind a proxy, look at the setting http.proxy (${code}).`;
    case undefined:
      return undefined;
  }
}
