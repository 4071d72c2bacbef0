const IN_URI = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"']*):[^\s@"']*@/gi;
const IN_DSN = /\b(password|sslpassword)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&"']+)/gi;

/** A text without the passwords of database URLs (libpq URIs and DSNs); everything else stays. */
export function redact(text: string): string {
  return text.replace(IN_URI, "$1:***@").replace(IN_DSN, "$1$2***");
}
