(boolean_scalar) @boolean

(null_scalar) @constant

[
  (integer_scalar)
  (float_scalar)
  (timestamp_scalar)
] @number

[
  (double_quote_scalar)
  (single_quote_scalar)
  (block_scalar)
  (string_scalar)
] @string

(escape_sequence) @string.escape

(comment) @comment

[
  (anchor_name)
  (alias_name)
] @label

(tag) @type

[
  (yaml_directive)
  (tag_directive)
  (reserved_directive)
] @attribute

(block_mapping_pair
  key: (flow_node
    (plain_scalar
      (string_scalar) @property)))

(block_mapping_pair
  key: (flow_node
    [
      (double_quote_scalar)
      (single_quote_scalar)
    ] @property))

(flow_pair
  key: (flow_node
    (plain_scalar
      (string_scalar) @property)))

; The entity, its schema, and what an update or an insert is about.
((block_mapping_pair
  key: (flow_node
    (plain_scalar
      (string_scalar) @_key))
  value: (flow_node
    (plain_scalar
      (string_scalar) @type)))
  (#any-of? @_key "entity" "schema"))

; A code is a constant, and no text.
((block_mapping_pair
  key: (flow_node
    (plain_scalar
      (string_scalar) @_key))
  value: (flow_node
    [
      (double_quote_scalar)
      (single_quote_scalar)
    ] @constant))
  (#eq? @_key "table_code"))

; Types of fields: ref(crm.Contact), enum(a, b), text!
((block_mapping_pair
  value: (flow_node
    (plain_scalar
      (string_scalar) @type)))
  (#match? @type "^(ref|enum|list)\\("))

; The kinds of steps.
((block_sequence_item
  (block_node
    (block_mapping
      .
      (block_mapping_pair
        key: (flow_node
          (plain_scalar
            (string_scalar) @keyword))))))
  (#any-of? @keyword
    "validate" "if" "insert" "update" "delete" "find" "call" "notify" "reject" "refresh_table_view"))

[
  ","
  ":"
  "-"
  ">"
  "?"
  "|"
] @punctuation.delimiter

[
  "["
  "]"
  "{"
  "}"
] @punctuation.bracket

[
  "*"
  "&"
  "---"
  "..."
] @punctuation.special
