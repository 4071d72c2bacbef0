import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, test } from "node:test";
import { gone, until } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

/** What a workspace names as its database: it writes down who comes. */
let stranger: Server;
let visits = 0;
let workbench: Workbench;

before(async () => {
  stranger = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const url = `postgresql://\${env:SECRET_OF_THE_USER}@127.0.0.1:${port}/registry`;
  const files = {
    "specql-lsp.toml": `[registry]\ndatabaseUrl = "${url}"\n`,
    "specql_lsp.py": "raise SystemExit('the workspace was imported')\n",
  };
  workbench = await Workbench.open({ trust: true, files, environment: { SECRET_OF_THE_USER: "s3cret" } });
});
after(async () => {
  await workbench?.close();
  stranger.close();
});

test("a workspace that is not trusted gets completion and colours, but no connection to the database that it names", async () => {
  await workbench.traced("untrusted", async () => {
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    await workbench.logHolds((log) => { assert.match(log, /The server is running\./); });
    assert.equal(visits, 0);
    await workbench.command("SpecQL: Allocate a Code");
    const refused = "it is used once you trust this workspace";
    assert.doesNotMatch((await (await workbench.notified(refused)).textContent()) ?? "", /No database URL is set/);
    await workbench.react(refused, "Manage Workspace Trust", workbench.page.locator(".workspace-trust-editor"));
  });
});

test("trusting it starts the server anew, and then its database is asked", async () => {
  await workbench.traced("trusted", async () => {
    const trust = workbench.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true });
    await workbench.command("Workspaces: Manage Workspace Trust", trust);
    await workbench.click(trust, gone(trust));
    await until("a connection to the workspace's database", () => Promise.resolve(visits > 0));
    await workbench.statusSays(/SpecQL: YAML/);
  });
});
