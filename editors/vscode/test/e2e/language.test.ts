import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually, repeat, until } from "../harness/waiting";
import { Workbench } from "../harness/workbench";

/** A registry under another name than the usual, known by its content. */
const NUMBERS = "schema_layers:\n  '01': write_side\ndomains:\n  '2':\n    name: crm\n    subdomains:\n      '03':\n        name: customer\n        entities:\n          Contact: '012031'\n";

/** An action whose step is still to be written. */
const STEPS = "entity: Note\ndescription: a\nfields:\n  status: text\nactions:\n  - name: close\n    steps:\n      - \n";

const MARKDOWN = "# Orders\n\n```specql\nentity: Order\n```\n";

/** The colours of the pieces of the active editor's first line that contains a text. */
async function coloursIn(workbench: Workbench, text: string): Promise<Record<string, string>> {
  const line = workbench.editor.locator(".view-line", { hasText: text }).first();
  await line.waitFor();
  const pieces = await line.locator("span > span").evaluateAll((nodes) => nodes.map((node) => [node.textContent.trim(), getComputedStyle(node).color] as const));
  return Object.fromEntries(pieces);
}

/** Opens a file, and waits until it has a language: it is found just after the file is shown. */
async function becomes(workbench: Workbench, file: string, language: string): Promise<void> {
  await workbench.openFile(file);
  await isLanguage(workbench, language);
}

async function isLanguage(workbench: Workbench, language: string): Promise<void> {
  await eventually(() => mode(workbench), (shown) => { assert.equal(shown, language); });
}

async function mode(workbench: Workbench): Promise<string> {
  return (await workbench.mode.textContent())?.trim() ?? "";
}

describe("the language in a real editor", () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open({ files: { "notes.yaml": "# nothing yet\n", "plain.yaml": "entity: Plain\nschema: crm\n", "steps.yaml": STEPS, "numbers.yaml": NUMBERS, "orders.md": MARKDOWN } });
  });
  after(() => workbench?.close());

  // drives: colours
  test("the digits of a code, types and steps have colours of their own", async () => {
    await workbench.traced("colours", async () => {
      await becomes(workbench, "contact.yaml", "SpecQL");
      await eventually(() => coloursIn(workbench, "table_code"), (code) => {
        assert.equal(new Set([code["01"], code["2"], code["03"]]).size, 3, JSON.stringify(code));
      });
      await eventually(() => coloursIn(workbench, "company: ref"), (field) => { assert.notEqual(field["Company"], field["company"]); });
      await eventually(() => coloursIn(workbench, "SET status"), (step) => {
        assert.notEqual(step["SET"], step["status"]);
        assert.notEqual(step["Contact"], step["status"]);
      });
      await workbench.picture("language");
    });
  });

  test("a domain's and a subdomain's number in the registry have the colours of their digits", async () => {
    await workbench.traced("registry colours", async () => {
      await becomes(workbench, "numbers.yaml", "SpecQL");
      const colours = () => Promise.all([coloursIn(workbench, "Contact: '012031'"), coloursIn(workbench, "'2':"), coloursIn(workbench, "'03':")]);
      await eventually(colours, ([code, domain, subdomain]) => {
        assert.notEqual(code["2"], code["03"]);
        assert.deepEqual([domain["2"], subdomain["03"]], [code["2"], code["03"]]);
      });
      await workbench.picture("registry-language");
    });
  });

  test("YAML becomes SpecQL's once its entity is typed, and stays it; Enter goes on with the list", async () => {
    await workbench.traced("typing", async () => {
      assert.equal(await workbench.languageOf("notes.yaml"), "YAML");
      await workbench.typeText("entity: Note\n");
      await isLanguage(workbench, "SpecQL");
      await workbench.typeText("entity: Note\nfields:\nname: text\n");
      await workbench.page.keyboard.press("Escape");
      await workbench.textIsShown("fields:\n  name: text\n");
      await workbench.typeText("notes: 1\n");
      await workbench.page.waitForTimeout(1500);
      assert.equal(await mode(workbench), "SpecQL");
    });
  });

  test("a snippet is offered where it may begin, with the indentation of its place, and nowhere in prose", async () => {
    await workbench.traced("snippet", async () => {
      await workbench.openFile("steps.yaml");
      await isLanguage(workbench, "SpecQL");
      await workbench.goToEndOfLine(8);
      await until("the snippet is offered", async () => {
        await workbench.page.keyboard.type("val");
        const row = workbench.suggestion(/^validate/);
        const offered = await row.waitFor({ timeout: 10_000 }).then(() => true, () => false);
        if (offered) await row.click();
        else for (const key of ["Escape", "Backspace", "Backspace", "Backspace"]) await workbench.page.keyboard.press(key);
        return offered;
      });
      await workbench.lineIsShown("        error: not_allowed");
      assert.match(await workbench.shownText(), /\n {6}- validate: status is not null\n {8}error: not_allowed\n/);
      await workbench.page.keyboard.press("Escape");
      await workbench.goToEndOfLine(2);
      await workbench.page.keyboard.type(" call");
      // A question that comes while the editor still takes the text in is dropped without a word.
      await until("there is nothing to suggest", async () => {
        await workbench.page.keyboard.press("Control+Space");
        const nothing = workbench.page.locator(".suggest-widget .message", { hasText: "No suggestions" });
        const said = await nothing.waitFor({ timeout: 10_000 }).then(() => true, () => false);
        await workbench.page.keyboard.press("Escape");
        return said;
      });
    });
  });

  test("fences of Markdown that say specql are coloured", async () => {
    await workbench.traced("markdown", async () => {
      await workbench.openFile("orders.md");
      await until("the fence is coloured", async () => {
        const pieces = await coloursIn(workbench, "entity: Order");
        return pieces["Order"] !== undefined && pieces["Order"] !== pieces["entity"];
      });
    });
  });

  // drives: walkthrough
  test("the walkthrough has its four steps, each with its page", async () => {
    await workbench.traced("walkthrough", async () => {
      const steps = workbench.page.locator(".getting-started-step");
      await repeat("the walkthrough", async () => {
        await workbench.command("Welcome: Open Walkthrough...", workbench.choice("Get started with SpecQL"));
        await workbench.choose("Get started with SpecQL");
      }, steps.first());
      for (const title of ["Connect the registry", "Allocate a code", "See what differs", "Start the language server"]) {
        const step = steps.filter({ hasText: title });
        await workbench.click(step.first(), step.and(workbench.page.locator(".expanded")).first());
        await workbench.page.locator("iframe").first().contentFrame().locator("iframe").first().contentFrame().locator("h2").first().waitFor();
      }
      await workbench.picture("walkthrough");
    });
  });

  test("whoever sets the language back to YAML is left alone", async () => {
    await workbench.traced("set back", async () => {
      await becomes(workbench, "plain.yaml", "SpecQL");
      await workbench.command("Change Language Mode", workbench.choice("Auto Detect"));
      await workbench.quickInput.fill("YAML");
      await workbench.choose(/^YAML/);
      await isLanguage(workbench, "YAML");
      await workbench.typeText("entity: Other\nschema: crm\n");
      await workbench.page.waitForTimeout(1500);
      assert.equal(await mode(workbench), "YAML");
    });
  });
});

test("what files.associations calls YAML stays it", async () => {
  const workbench = await Workbench.open({ settings: { "files.associations": { "contact.yaml": "yaml" } } });
  try {
    await workbench.traced("associations", async () => {
      assert.equal(await workbench.languageOf("contact.yaml"), "YAML");
      await becomes(workbench, "company.yaml", "SpecQL");
    });
  } finally {
    await workbench.close();
  }
});
