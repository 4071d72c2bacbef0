import assert from "node:assert/strict";
import { test } from "node:test";
import { redact } from "../../src/client/redact";

test("takes the password out of a database URL and leaves the rest", () => {
  assert.equal(redact("connecting to postgresql://ada:s3cret@db.example.org:5432/registry"), "connecting to postgresql://ada:***@db.example.org:5432/registry");
});
