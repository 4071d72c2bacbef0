const IN_URI = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/"'?]*):[^\s"]*@/gi;
const IN_DSN = /\b((?:ssl)?password)(\s*=\s*)('(?:[^'\\]|\\.)*'?|[^\s&"']+)/gi;
const IN_JSON = /("databaseUrl"\s*:\s*)"(?:[^"\\]|\\.)*"?/g;

/** A text without the passwords of database URLs (libpq URIs and DSNs, and the setting as JSON); the rest stays. */
export function redact(text: string): string {
  return text.replace(IN_JSON, '$1"***"').replace(IN_URI, "$1:***@").replace(IN_DSN, "$1$2***");
}
