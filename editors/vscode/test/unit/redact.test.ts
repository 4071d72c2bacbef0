import assert from "node:assert/strict";
import { test } from "node:test";
import { redact } from "../../src/client/redact";

const SECRETS = ["s3cret", "pa", "ss", "word one", "it"];

const CASES: readonly (readonly [name: string, given: string, wanted: string])[] = [
  ["a URI", "connecting to postgresql://ada:s3cret@db.example.org:5432/registry", "connecting to postgresql://ada:***@db.example.org:5432/registry"],
  ["a URI in capitals", "POSTGRES://ada:s3cret@db/registry", "POSTGRES://ada:***@db/registry"],
  ["a password with an at sign", "postgresql://ada:pa@ss@db/registry.", "postgresql://ada:***@db/registry."],
  ["a password with a slash", "postgresql://ada:pa/ss@db/registry", "postgresql://ada:***@db/registry"],
  ["a password alone", "postgresql://:s3cret@db/registry", "postgresql://:***@db/registry"],
  ["a password as parameter", "postgresql://db/registry?user=ada&password=s3cret&sslmode=require", "postgresql://db/registry?user=ada&password=***&sslmode=require"],
  ["a DSN", "host=db password=s3cret dbname=registry", "host=db password=*** dbname=registry"],
  ["a quoted password in a DSN", "host=db password = 'word one \\' it' dbname=registry", "host=db password = *** dbname=registry"],
  ["the key's password", "sslkey=k sslpassword=s3cret", "sslkey=k sslpassword=***"],
  ["the setting in a trace", '{"registry": {"databaseUrl": "host=db password=\'it\\\\\'s3cret\'", "listen": true}}', '{"registry": {"databaseUrl": "***", "listen": true}}'],
  ["the setting that a line's end has cut", '"databaseUrl": "host=db password=s3cret', '"databaseUrl": "***"'],
  ["a proxy", "Looking at http://ada:s3cret@proxy:3128", "Looking at http://ada:***@proxy:3128"],
];

for (const [name, given, wanted] of CASES) {
  test(`takes the password out of ${name}`, () => {
    const shown = redact(given);
    assert.equal(shown, wanted);
    for (const secret of SECRETS.filter((each) => each.length > 4)) assert.ok(!shown.includes(secret), shown);
  });
}

for (const text of ["postgresql://db.example.org:5432/registry", "file:///home/ada/entities/contact.yaml", "PostgreSQL refused the password of user ada."]) {
  test(`leaves ${text}`, () => {
    assert.equal(redact(text), text);
  });
}
