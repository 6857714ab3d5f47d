// What the page's own policy says of the network.  Pure, but for reading it.

/** The words of the rule for connections; undefined where there is none. */
export function connectWords(policy: string): string[] | undefined {
  const directives = policy.split(';').map((part) => part.trim().split(/\s+/));
  const rule =
    directives.find(([name]) => name === 'connect-src') ??
    directives.find(([name]) => name === 'default-src');
  return rule?.slice(1);
}

function hostMatches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1))
    : pattern === host;
}

/** Whether one word of a rule lets an address through; paths do not count,
 * which lets through a little more than browsers do. */
function wordAllows(word: string, url: URL): boolean {
  if (word === '*') {
    return /^(https?|wss?):$/.test(url.protocol);
  }
  if (/^[a-z][a-z0-9+.-]*:$/i.test(word)) {
    return url.protocol === word.toLowerCase();
  }
  const parts = /^([a-z]+):\/\/([^:/]+)(?::(\d+|\*))?(?:\/.*)?$/i.exec(word);
  if (!parts) {
    return false;
  }
  const [, scheme, host, port = ''] = parts;
  return (
    url.protocol === `${scheme!.toLowerCase()}:` &&
    hostMatches(host!.toLowerCase(), url.hostname) &&
    (port === '*' || url.port === port || (url.port === '' && isDefault(port, url)))
  );
}

function isDefault(port: string, url: URL): boolean {
  return port === (url.protocol === 'https:' ? '443' : '80');
}

export function policyAllows(policy: string, url: string): boolean {
  const words = connectWords(policy);
  if (!words) {
    return true;
  }
  const address = new URL(url);
  return words.some((word) => wordAllows(word, address));
}

function policiesOf(root: Document): string[] {
  const metas = root.querySelectorAll<HTMLMetaElement>(
    'meta[http-equiv="Content-Security-Policy"]',
  );
  return [...metas].map(({ content }) => content);
}

/** What of the network this page may contact: origins, and schemes with a
 * colon. Undefined without a policy, which is to say everything. */
export function pageReach(root: Document): string[] | undefined {
  const words = policiesOf(root).map(connectWords)[0];
  return words?.filter((word) => /^(https?|wss?):/.test(word));
}

/** Whether this page may reach an address, as far as its policy says. */
export function pageAllows(root: Document, url: string): boolean {
  return policiesOf(root).every((policy) => policyAllows(policy, url));
}
