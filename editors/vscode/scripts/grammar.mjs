// Writes syntaxes/*.tmLanguage.json: node scripts/grammar.mjs
//
// The grammar goes line by line and lets YAML's (source.yaml) have every line that is not SpecQL's own. A block belongs to
// its key as long as its lines are indented more (begin/while), so that `type:` is an attribute only beneath a field.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  BASIC_TYPES, CALL_STEPS, COMPOSITE_TYPES, CONDITION_STEPS, ENTITY_KEYS, ENTITY_STEPS, OTHER_STEPS, REGISTRY_KEYS, RESERVED_FIELD_NAMES,
  SCALAR_TYPES, SQL_KEYWORDS,
} from "./vocabulary.mjs";

const START = "(?:^|\\G)";
const INDENT = "([ ]*)";
const AFTER_KEY = "[ \\t]*(:)(?=[ \\t]|$)";
const VALUE_END = "(?=[ \\t]+#|[ \\t]*$)";
const PLAIN_KEY = "[A-Za-z_][\\w.-]*";
const TAG = "entity.name.tag.yaml";
const KEYWORD = `${TAG} keyword.other.key.specql`;
const COLON = "punctuation.separator.key-value.mapping.yaml";
const DASH = "punctuation.definition.block.sequence.item.yaml";
const QUOTE = "punctuation.definition.string.yaml";
const EXPRESSION = "meta.embedded.expression.specql";

const include = (...names) => names.map((name) => ({ include: name.includes(".") ? name : `#${name}` }));
const captures = (...names) => Object.fromEntries(names.flatMap((name, index) => (name ? [[index + 1, { name }]] : [])));
const words = (list) => [...new Set(list)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join("|");
const key = (list) => `(["']?)(${words(list)})\\2`;

/** The lines of a block whose key stands at the indentation `\1`: indented more, blank, or a comment. */
const deeper = "^(?=[ ]*(?:#|$)|\\1[ ]+\\S)";
/** The same for a block that may be a sequence, whose dashes may stand right below the key. */
const deeperOrDash = "^(?=[ ]*(?:#|$)|\\1[ ]+\\S|\\1-(?:[ ]|$))";

/** A block: the key's line up to the colon is `begin`; `patterns` are for the rest of it and the lines beneath. */
function block(begin, names, patterns, { while: lines = deeper, name } = {}) {
  return { begin: `${START}${INDENT}${begin}${AFTER_KEY}`, beginCaptures: captures("", ...names, COLON), while: lines, ...(name ? { name } : {}), patterns };
}

/** `key: value` on one line, wherever it stands: a value of ours, then a comment if any. */
function pair(keys, valuePatterns, keyName = KEYWORD) {
  return {
    begin: `(?:${START}[ ]*|(?<=[-{,][ ]))((?:-[ ]+)*)(["']?)(${words(keys)})\\2[ \\t]*(:)[ \\t]+(?=[^\\s#|>&*!{\\[])`,
    beginCaptures: captures(DASH, "", keyName, COLON),
    end: "(?=[ \\t]+#|[ \\t]*$|[ \\t]*[,}])",
    patterns: valuePatterns,
  };
}

/** A value that is a single word, in quotes or without. */
function word(inner, name) {
  return { match: `\\G(["']?)(${inner})(\\1)(?=[ \\t]*$|[ \\t]+#|[ \\t]*[,}])`, captures: captures(QUOTE, name, QUOTE) };
}

/** A scalar in any style with patterns for what stands between its quotes. */
function scalar(patterns, name) {
  const inner = name ? { contentName: name } : {};
  return [
    { begin: "\\G\"", end: "\"", beginCaptures: { 0: { name: "punctuation.definition.string.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.string.end.yaml" } }, ...inner, patterns },
    { begin: "\\G'", end: "'(?!')", beginCaptures: { 0: { name: "punctuation.definition.string.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.string.end.yaml" } }, ...inner, patterns },
    { begin: "\\G(?=[^\\s\"'#|>&*!{\\[])", end: VALUE_END, ...inner, patterns },
  ];
}

/** A step `keys: value`; the value goes on in lines that are indented more than the key. */
function step(keys, valuePatterns) {
  const keyName = `${TAG} keyword.control.step.specql`;
  const value = (lines, begin, names) => ({
    begin: `${START}${begin}(["']?)(${words(keys)})\\${names.length + 1}${AFTER_KEY}[ \\t]*`,
    beginCaptures: captures(...names, "", keyName, COLON),
    while: lines,
    patterns: [...include("comment", "block-scalar-header"), ...valuePatterns],
  });
  return {
    patterns: [
      value("^(?=\\1[ ]\\3[ ]+\\S)", "([ ]*)(-)([ ]+)", ["", DASH, ""]),
      value("^(?=\\1[ ]+\\S)", "([ ]*)", [""]),
    ],
  };
}

const TYPE_NAMES = [
  { match: `\\b(?:${words(COMPOSITE_TYPES)})\\b`, name: "support.class.composite.specql" },
  { match: `\\b(?:${words(SCALAR_TYPES.filter((name) => !BASIC_TYPES.includes(name)))})\\b`, name: "support.type.scalar.specql" },
  { match: `\\b(?:${words(BASIC_TYPES)})\\b`, name: "support.type.basic.specql" },
];

const CODE_PARTS = [
  "constant.numeric.table-code.layer.specql",
  "entity.name.namespace.table-code.domain.specql",
  "variable.other.constant.table-code.subdomain.specql",
  "constant.numeric.table-code.sequence.specql",
];

const repository = {
  comment: { match: `(?:${START}|(?<=[ \\t]))(#).*$`, name: "comment.line.number-sign.yaml", captures: captures("punctuation.definition.comment.yaml") },
  "blank-line": { match: "^[ \\t]*\\n" },
  yaml: { patterns: include("comment", "blank-line", "source.yaml") },

  // Pairs that mean the same wherever they stand.
  pairs: {
    patterns: [
      pair(["table_code"], include("table-code")),
      pair(["entity_code"], [word("[A-Z]{3}", "constant.other.short-code.specql"), ...include("source.yaml")]),
      pair(["schema", "domain_name", "domain"], [word("[A-Za-z_][\\w-]*", "entity.name.namespace.specql"), ...include("source.yaml")]),
      pair(["entity", "primary"], [word("[A-Za-z_]\\w*", "entity.name.type.class.specql"), ...include("source.yaml")]),
    ],
  },
  organization: block(key(["organization"]), ["", KEYWORD], include("comment", "flow-registration", "pairs", "yaml")),
  "language-key": {
    match: `${START}[ ]{0}${key([...ENTITY_KEYS, ...REGISTRY_KEYS]).replace("\\2", "\\1")}${AFTER_KEY}`,
    captures: captures("", KEYWORD, COLON),
  },
  "table-code": {
    patterns: [
      { match: "\\G([\"'])(\\h{2})(\\h)(\\h{2})(\\h)(\\1)", captures: captures(QUOTE, ...CODE_PARTS, QUOTE), name: "meta.table-code.specql" },
      { match: "\\G\\h{6,8}(?=[ \\t]*$|[ \\t]+#|[ \\t]*[,}])", name: "invalid.illegal.unquoted-table-code.specql" },
      ...include("source.yaml"),
    ],
  },

  // Types.
  type: { patterns: scalar(include("type-expression"), "meta.type.specql") },
  "type-expression": {
    patterns: [
      {
        begin: "\\b(enum)(\\()", end: "\\)",
        beginCaptures: captures("storage.type.enum.specql", "punctuation.definition.parameters.begin.specql"),
        endCaptures: { 0: { name: "punctuation.definition.parameters.end.specql" } },
        patterns: [{ match: ",", name: "punctuation.separator.parameters.specql" }, { match: "(['\"]?)([^,()'\"\\s][^,()'\"]*?)\\1(?=\\s*[,)])", captures: captures("", "variable.other.enummember.specql") }],
      },
      {
        begin: "\\b(ref)(\\()", end: "\\)",
        beginCaptures: captures("storage.type.reference.specql", "punctuation.definition.parameters.begin.specql"),
        endCaptures: { 0: { name: "punctuation.definition.parameters.end.specql" } },
        patterns: include("entity-name", "alternatives"),
      },
      {
        begin: "\\b(list)(\\()", end: "\\)",
        beginCaptures: captures("storage.type.list.specql", "punctuation.definition.parameters.begin.specql"),
        endCaptures: { 0: { name: "punctuation.definition.parameters.end.specql" } },
        patterns: include("type-expression"),
      },
      {
        begin: "(?<!=)[ \\t]*(=)(?!=)[ \\t]*", end: "(?=[ \\t]+#|[ \\t]*$|[\"'][ \\t]*$|[,}\\]])",
        beginCaptures: captures("keyword.operator.assignment.specql"), name: "meta.default.specql",
        patterns: [
          ...include("literal", "function-call"),
          { match: "''[^']*''|'[^']*'(?=[ \\t]*(?:$|#|\"))|\"[^\"]*\"(?=[ \\t]*(?:$|#|'))", name: "string.quoted.specql" },
          { match: "[()]", name: "punctuation.section.parens.specql" },
          { match: "[^\\s,}\\]'\"()]+", name: "constant.other.default.specql variable.other.enummember.specql" },
        ],
      },
      ...TYPE_NAMES,
      {
        begin: "(?<=\\w)\\(", end: "\\)",
        beginCaptures: { 0: { name: "punctuation.definition.parameters.begin.specql" } }, endCaptures: { 0: { name: "punctuation.definition.parameters.end.specql" } },
        patterns: [{ match: "-?\\d+(?:\\.\\d+)?", name: "constant.numeric.specql" }, { match: ",", name: "punctuation.separator.parameters.specql" }],
      },
      { match: "!", name: "keyword.operator.not-null.specql" },
      { match: "\\?", name: "keyword.operator.nullable.specql" },
      { match: "[A-Za-z_]\\w*", name: "string.unquoted.plain.out.yaml" },
    ],
  },
  "entity-name": { match: "(?:([A-Za-z_]\\w*)(\\.))?([A-Za-z_]\\w*)", captures: captures("entity.name.namespace.specql", "punctuation.separator.namespace.specql", "entity.name.type.class.specql") },
  alternatives: { match: "\\|", name: "keyword.operator.or.specql" },

  // Fields.
  fields: block(key(["fields", "params", "parameters"]), ["", KEYWORD], include("comment", "field-line", "yaml")),
  "field-line": {
    patterns: [
      block(`(?:(${words(RESERVED_FIELD_NAMES)}|[pf]k_\\w*)|(${PLAIN_KEY}))`, [`${TAG} invalid.illegal.reserved-field-name.specql`, `${TAG} variable.other.member.specql`], include("field-value")),
      block("([\"'])([^\"']+)\\2", ["", `${TAG} variable.other.member.specql`], include("field-value")),
    ],
  },
  "field-value": {
    patterns: [
      ...include("comment"),
      { begin: "\\G(?<=:)[ \\t]+(?=[^\\s#&*{\\[|>])", end: "(?=[ \\t]+#|[ \\t]*$)", patterns: include("type") },
      ...include("field-attributes", "flow-field", "pairs", "yaml"),
    ],
  },
  "field-attributes": {
    patterns: [
      { begin: `${START}[ ]*(["']?)(type)\\1[ \\t]*(:)[ \\t]+(?=[^\\s#|>&*!{\\[])`, beginCaptures: captures("", KEYWORD, COLON), end: "(?=[ \\t]+#|[ \\t]*$)", patterns: include("type") },
    ],
  },
  "flow-field": {
    begin: "\\{", end: "\\}",
    beginCaptures: { 0: { name: "punctuation.definition.mapping.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.mapping.end.yaml" } },
    patterns: [
      {
        begin: "(?<=[{,])[ \\t]*(type)(:)[ \\t]+", beginCaptures: captures(KEYWORD, COLON), end: "(?=[,}])",
        patterns: include("type-expression"),
      },
      { match: `(?<=[{,])[ \\t]*(${PLAIN_KEY})(:)(?=[ \\t])`, captures: captures(TAG, COLON) },
      { match: ",", name: "punctuation.separator.mapping.yaml" },
      ...include("literal", "flow-plain", "source.yaml"),
    ],
  },

  // Actions.
  actions: block(key(["actions", "steps"]), ["", KEYWORD], include("comment", "action-line", "yaml"), { while: deeperOrDash }),
  "action-line": {
    patterns: [
      ...include("fields"),
      step(CONDITION_STEPS, include("expression")),
      step(ENTITY_STEPS, [
        { match: "\\G([\"']?)(?:([A-Za-z_]\\w*)(\\.))?([A-Za-z_]\\w*)(?=\\s|$|[\"'(])", captures: captures(QUOTE, "entity.name.namespace.specql", "punctuation.separator.namespace.specql", "entity.name.type.class.specql") },
        ...include("expression"),
      ]),
      step(CALL_STEPS, include("expression")),
      step(["reject"], [word("[\\w.-]+", "string.unquoted.plain.out.yaml constant.other.error-code.specql")]),
      { match: `${START}[ ]*((?:-[ ]+)*)(["']?)(then|else|steps|cases|default|do)\\2${AFTER_KEY}`, captures: captures(DASH, "", `${TAG} keyword.control.flow.specql`, COLON) },
      { match: `${START}[ ]*((?:-[ ]+)*)(["']?)(${words(OTHER_STEPS.filter((name) => name !== "reject"))})\\2${AFTER_KEY}`, captures: captures(DASH, "", `${TAG} keyword.control.step.specql`, COLON) },
      pair(["name"], [word("[\\w.-]+", "entity.name.function.specql"), ...include("source.yaml")], TAG),
      pair(["error"], [word("[\\w.-]+", "string.unquoted.plain.out.yaml constant.other.error-code.specql"), ...include("source.yaml")], TAG),
      pair(["where", "condition", "when"], include("expression"), TAG),
      ...include("pairs"),
    ],
  },
  "block-scalar-header": { match: "\\G([|>])([-+0-9]*)", captures: captures("keyword.control.flow.block-scalar.yaml", "storage.modifier.chomping-indicator.yaml") },
  expression: {
    patterns: [
      { begin: "\\G\"", end: "\"", beginCaptures: { 0: { name: "punctuation.definition.string.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.string.end.yaml" } }, contentName: EXPRESSION, patterns: include("expression-term") },
      { begin: "\\G'(?!')", end: "'(?!')", beginCaptures: { 0: { name: "punctuation.definition.string.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.string.end.yaml" } }, contentName: EXPRESSION, patterns: [{ match: "''[^']*''", name: "string.quoted.single.sql.specql" }, ...include("expression-term")] },
      { begin: "(?=[^\\s#])", end: VALUE_END, name: EXPRESSION, patterns: include("expression-term") },
    ],
  },
  "expression-term": {
    patterns: [
      { begin: "(?<=[ \\t(,=])\"", end: "\"", name: "string.quoted.double.sql.specql" },
      { match: "'(?:[^']|'')*'", name: "string.quoted.single.sql.specql" },
      { match: `(?i)(?<![\\w.$])(?:${words(SQL_KEYWORDS)})(?![\\w.])`, name: "keyword.other.sql.specql" },
      { match: "(\\$)(\\w+)", captures: captures("punctuation.definition.variable.specql"), name: "variable.parameter.specql" },
      { match: "(?<![\\w.])(input)(\\.)(\\w+)", captures: captures("variable.language.input.specql", "punctuation.accessor.specql", "variable.parameter.specql") },
      ...include("function-call", "literal"),
      { match: "(?<![\\w.])([A-Z]\\w*)(\\.)(?=\\w)", captures: captures("entity.name.type.class.specql", "punctuation.accessor.specql") },
      { match: "[A-Za-z_]\\w*", name: "variable.other.member.specql" },
      { match: "::|<=|>=|<>|!=|==|\\|\\||!~\\*?|~\\*?|->>?|[=<>+*/%-]", name: "keyword.operator.specql" },
      { match: ",", name: "punctuation.separator.arguments.specql" },
      { match: "\\.", name: "punctuation.accessor.specql" },
    ],
  },
  "function-call": { match: "(?<![\\w$])([A-Za-z_][\\w.]*)(?=\\()", name: "entity.name.function.specql" },
  literal: {
    patterns: [
      { match: "(?i)(?<![\\w.$])(?:true|false)(?![\\w.])", name: "constant.language.boolean.specql" },
      { match: "(?i)(?<![\\w.$])null(?![\\w.])", name: "constant.language.null.specql" },
      { match: "(?<![\\w.$])-?\\d+(?:\\.\\d+)?(?![\\w])", name: "constant.numeric.specql" },
    ],
  },

  // The registry.
  domains: block(key(["domains"]), ["", KEYWORD], include("comment", "domain", "yaml")),
  domain: block("([\"']?)(\\h{1,2})\\2", ["", `${TAG} entity.name.namespace.table-code.domain.specql`], [
    pair(["name"], [word("[\\w-]+", "entity.name.namespace.specql"), ...include("source.yaml")], TAG),
    ...include("comment", "subdomains", "yaml"),
  ]),
  subdomains: block(key(["subdomains"]), ["", KEYWORD], include("comment", "subdomain", "yaml")),
  subdomain: block("([\"']?)(\\h{1,2})\\2", ["", `${TAG} variable.other.constant.table-code.subdomain.specql`], [
    pair(["name"], [word("[\\w-]+", "entity.name.section.specql"), ...include("source.yaml")], TAG),
    ...include("comment", "registered-entities", "yaml"),
  ]),
  "registered-entities": block(key(["entities", "read_entities"]), ["", KEYWORD], include("comment", "registered-entity", "yaml")),
  "registered-entity": block("([\"']?)([A-Za-z_][\\w.]*)\\2", ["", `${TAG} entity.name.type.class.specql`], [
    { begin: "\\G(?<=:)[ \\t]+(?=[\"'\\h])", end: "(?=[ \\t]+#|[ \\t]*$)", patterns: include("table-code") },
    ...include("comment", "flow-registration", "pairs", "yaml"),
  ]),
  "flow-registration": {
    begin: "\\{", end: "\\}",
    beginCaptures: { 0: { name: "punctuation.definition.mapping.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.mapping.end.yaml" } },
    patterns: [
      { begin: "(?<=[{,])[ \\t]*(table_code)(:)[ \\t]+", beginCaptures: captures(KEYWORD, COLON), end: "(?=[,}])", patterns: include("table-code") },
      { match: "(?<=[{,])[ \\t]*(entity_code)(:)[ \\t]+([A-Z]{3})\\b", captures: captures(KEYWORD, COLON, "constant.other.short-code.specql") },
      { match: `(?<=[{,])[ \\t]*(${PLAIN_KEY})(:)(?=[ \\t])`, captures: captures(TAG, COLON) },
      { match: ",", name: "punctuation.separator.mapping.yaml" },
      ...include("flow-plain", "source.yaml"),
    ],
  },
  "flow-plain": { match: "(?<=:[ \\t])[^\\s,\\[\\]{}\"'&*!#:|>][^,\\[\\]{}#]*?(?=[ \\t]*(?:[,}]|$))", name: "string.unquoted.plain.in.yaml" },
  "schema-layers": block(key(["schema_layers"]), ["", KEYWORD], [
    ...include("comment"),
    { match: `${START}[ ]+(["']?)(\\h{2})\\1[ \\t]*(:)[ \\t]+([\\w-]+)?`, captures: captures("", `${TAG} constant.numeric.table-code.layer.specql`, COLON, "entity.name.namespace.layer.specql") },
    ...include("yaml"),
  ]),
  "reserved-codes": block(key(["reserved_codes"]), ["", KEYWORD], [
    ...include("comment"),
    { begin: `${START}[ ]*(-)[ ]+(?=["'\\h])`, beginCaptures: captures(DASH), end: "(?=[ \\t]+#|[ \\t]*$)", patterns: include("table-code") },
    {
      begin: "\\[", end: "\\]", beginCaptures: { 0: { name: "punctuation.definition.sequence.begin.yaml" } }, endCaptures: { 0: { name: "punctuation.definition.sequence.end.yaml" } },
      patterns: [{ match: ",", name: "punctuation.separator.sequence.yaml" }, { begin: "(?<=[\\[,])[ \\t]*(?=[\"'\\h])", end: "(?=[,\\]])", patterns: include("table-code") }],
    },
    ...include("yaml"),
  ], { while: deeperOrDash }),
};

/** The whole grammar. */
export function grammar() {
  return {
    information_for_contributors: ["Written by scripts/grammar.mjs; change that."],
    name: "SpecQL",
    scopeName: "source.specql",
    patterns: include("comment", "blank-line", "organization", "fields", "actions", "domains", "schema-layers", "reserved-codes", "pairs", "language-key", "source.yaml"),
    repository,
  };
}

/** A grammar that puts SpecQL into the fences of Markdown that say `specql`. */
export function markdownGrammar() {
  return {
    information_for_contributors: ["Written by scripts/grammar.mjs; change that."],
    scopeName: "markdown.specql.codeblock",
    injectionSelector: "L:text.html.markdown",
    patterns: include("fence"),
    repository: {
      fence: {
        begin: "(^|\\G)(\\s*)(`{3,}|~{3,})\\s*(?i:(specql)(?:[\\s:,{][^`]*)?)$",
        beginCaptures: { 3: { name: "punctuation.definition.markdown" }, 4: { name: "fenced_code.block.language.markdown" } },
        end: "(^|\\G)(\\2|\\s{0,3})(\\3)\\s*$",
        endCaptures: { 3: { name: "punctuation.definition.markdown" } },
        name: "markup.fenced_code.block.markdown",
        patterns: [
          { begin: "(^|\\G)(\\s*)(.*)", while: "(^|\\G)(?!\\s*(?:`{3,}|~{3,})\\s*$)", contentName: "meta.embedded.block.specql", patterns: include("source.specql") },
        ],
      },
    },
  };
}

/** The grammars' files by their names, and their texts. */
export function grammarTexts() {
  const grammars = { "specql.tmLanguage.json": grammar(), "markdown.tmLanguage.json": markdownGrammar() };
  return Object.fromEntries(Object.entries(grammars).map(([name, each]) => [name, `${JSON.stringify(each, null, 2)}\n`]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of Object.entries(grammarTexts())) writeFileSync(new URL(`../syntaxes/${name}`, import.meta.url), text);
}
