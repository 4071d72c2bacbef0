"""The kinds of steps and their keys.

Source: ``SpecQLParser._parse_single_step`` of SpecQL 0.9.2, and for the other kinds the parser of the beta line
(``specql-generator`` 0.5.0b0) and SpecQL's documentation.
"""

from __future__ import annotations

from specql_lsp.language.keys import KeySpec, Level, Meaning, ValueSpec
from specql_lsp.language.release import Release
from specql_lsp.language.steps import Generated
from specql_lsp.language.tables.values import (
    ANY,
    BOOLEAN,
    ENTITY_REFERENCE,
    ERROR,
    EXPRESSION,
    NUMBER,
    QUERY,
    STEPS,
    TEXT,
    VARIABLE,
    choice,
    listed,
    mapping,
)

_READ = Release.REFERENCE
KINDS_BY_PRECEDENCE: tuple[tuple[str, Generated, Release], ...] = (
    ("validate", Generated.CODE, _READ),
    ("if", Generated.NOTHING, _READ),
    ("insert", Generated.NOTHING, _READ),
    ("update", Generated.PARTLY, _READ),
    ("delete", Generated.NOTHING, _READ),
    ("find", Generated.NOTHING, _READ),
    ("call", Generated.COMMENT, _READ),
    ("notify", Generated.NOTHING, _READ),
    ("reject", Generated.NOTHING, _READ),
    ("refresh_table_view", Generated.CODE, _READ),
    ("declare", Generated.NOTHING, _READ),
    ("assign", Generated.NOTHING, _READ),
    ("query", Generated.NOTHING, _READ),
    ("cte", Generated.NOTHING, _READ),
    ("return", Generated.NOTHING, _READ),
    ("return_table", Generated.NOTHING, _READ),
    ("for_query", Generated.NOTHING, _READ),
    ("cursor_declare", Generated.NOTHING, _READ),
    ("cursor_open", Generated.NOTHING, _READ),
    ("cursor_fetch", Generated.NOTHING, _READ),
    ("cursor_close", Generated.NOTHING, _READ),
)
"""The kinds that SpecQL 0.9.2 reads, in the order in which it looks for their keys."""

_BETA: tuple[tuple[str, ValueSpec, str], ...] = (
    ("call_service", mapping("service call"), "Calls an operation of a service of `registry/service_registry.yaml`."),
    ("select", ANY, "Reads rows."),
    ("raw_sql", QUERY, "Runs SQL as it is written."),
    ("duplicate_check", ANY, "Refuses a row that exists already."),
    ("aggregate", ANY, "Computes a value of several rows."),
    ("subquery", ANY, "Reads a value by a query."),
    ("call_function", ANY, "Calls a function of the database."),
    ("switch", ANY, "Takes one of several branches."),
    ("return_early", ANY, "Ends the action with a result."),
    ("while", ANY, "Repeats steps while a condition holds."),
    ("exception_handling", ANY, "Handles errors of steps."),
    ("json_build", ANY, "Builds a JSON value."),
    ("array_build", ANY, "Builds an array."),
    ("upsert", ValueSpec(Meaning.ROW_HEAD), "Inserts a row, or updates the one that is there."),
    ("batch_operation", ANY, "Does the same with many rows."),
    ("window_function", ANY, "Computes a value over a window of rows."),
    ("cursor", ANY, "Goes through the rows of a query."),
    ("recursive_cte", ANY, "A query that refers to its own result."),
    ("dynamic_sql", ANY, "Runs SQL that is put together when the action runs."),
    ("transaction_control", ANY, "Begins, commits or rolls back a part of a transaction."),
)
_DOCUMENTED: tuple[tuple[str, ValueSpec, str, str], ...] = (
    ("foreach", ANY, "Repeats steps for each item of a collection.", "use `for_query`."),
    ("partial_update", ValueSpec(Meaning.ROW_HEAD), "Updates the fields that the caller gives.", "use `update`."),
    ("refresh", ANY, "Refreshes views.", "use `refresh_table_view`."),
)
OTHER_KINDS: tuple[tuple[str, Generated, Release], ...] = (
    *((name, Generated.NOTHING, Release.BETA) for name, _, _ in _BETA),
    *((name, Generated.NOTHING, Release.NONE) for name, _, _, _ in _DOCUMENTED),
)
"""The kinds of the beta line, and those that only documentation has."""


def levels() -> tuple[Level, ...]:
    """The levels of steps."""
    return (
        Level("step", (*_main(), *_newer(), *_others())),
        *_mappings(),
        Level(
            "pattern parameters",
            any_key=KeySpec("*", ANY, "A parameter of the pattern.", meaning=Meaning.PARAMETER),
        ),
    )


def _main() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "validate",
            EXPRESSION,
            "Ends the action with the error unless the condition holds. SpecQL 0.9.2 accepts the entity's fields, "
            "and no SQL words but AND, OR, NOT, IS NULL and MATCHES. `validate: status = 'lead'`",
            detail="a condition that must hold",
        ),
        KeySpec(
            "update",
            ValueSpec(Meaning.ROW_HEAD),
            "Changes fields of a row, on one line and with SET in capitals: `update: Contact SET status = 'qualified'`."
            " SpecQL 0.9.2 always updates the row that the action is called for, whatever WHERE says.",
            detail="changes fields of a row",
        ),
        KeySpec(
            "insert",
            ValueSpec(Meaning.ROW_HEAD),
            "Adds a row of an entity: `insert: Contact`. SpecQL 0.9.2 reads it and generates nothing for it.",
            detail="adds a row",
        ),
        KeySpec(
            "if",
            EXPRESSION,
            "Steps under a condition: `if: status = 'lead'` with `then` and `else`. SpecQL 0.9.2 reads it and "
            "generates nothing for it.",
            detail="steps under a condition",
        ),
        KeySpec(
            "call",
            ValueSpec(Meaning.CALL_HEAD),
            "Calls a function: `call: recalculate(amount = total)`; the name has no schema. SpecQL 0.9.2 writes a "
            "comment for it.",
            detail="calls a function",
            snippet=("call: ${1:recalculate}()$0",),
        ),
        KeySpec(
            "delete",
            ValueSpec(Meaning.ROW_HEAD),
            "Deletes rows of an entity: `delete: Contact WHERE status = 'lead'`. SpecQL 0.9.2 reads it and generates "
            "nothing for it.",
            detail="deletes rows",
        ),
        KeySpec(
            "find",
            ValueSpec(Meaning.ROW_HEAD),
            "Finds a row of an entity: `find: Contact WHERE status = 'lead'`. SpecQL 0.9.2 reads it and generates "
            "nothing for it.",
            detail="finds a row",
        ),
        KeySpec(
            "notify",
            ValueSpec(Meaning.NOTIFICATION_HEAD),
            'Sends a message: `notify: owner(email, "It is closed")`. SpecQL 0.9.2 reads it and generates nothing '
            "for it.",
            detail="sends a message",
            snippet=('notify: ${1:owner}(${2|email,sms|}, "${3:It is closed}")$0',),
        ),
        KeySpec(
            "reject",
            ERROR,
            "Ends the action with an error: `reject: not_allowed`. SpecQL 0.9.2 reads it and generates nothing for it.",
            detail="ends with an error",
            snippet=("reject: ${1:not_allowed}$0",),
        ),
        KeySpec(
            "refresh_table_view",
            mapping("refresh"),
            "Refreshes the table view of the entity and of others.",
            detail="refreshes table views",
            snippet=("refresh_table_view:", "  scope: ${1|self,related,batch|}$0"),
        ),
        KeySpec(
            "error",
            ERROR,
            "The code of the error that the action ends with. `error: not_a_lead`",
            detail="the error's code",
            beside=("validate",),
        ),
        KeySpec(
            "then",
            STEPS,
            "The steps when the condition holds.",
            detail="when it holds",
            beside=("if",),
        ),
        KeySpec(
            "else",
            STEPS,
            "The steps when the condition does not hold.",
            detail="when it does not hold",
            beside=("if",),
        ),
        KeySpec(
            "store",
            VARIABLE,
            "The variable that holds what the function returns. `store: v_result`",
            detail="where the result goes",
            beside=("call",),
        ),
    )


def _unused(text: str) -> str:
    return f"{text} SpecQL 0.9.2 reads it and generates nothing for it."


def _newer() -> tuple[KeySpec, ...]:
    return (
        KeySpec(
            "declare",
            mapping("declaration", Meaning.DECLARATION),
            _unused("Declares a variable: `declare: v_count integer := 0`."),
            detail="declares a variable",
        ),
        KeySpec(
            "assign",
            mapping("assignment", Meaning.ASSIGNMENT),
            _unused("Gives a variable a value: `assign: v_count := v_count + 1`."),
            detail="sets a variable",
        ),
        KeySpec(
            "query",
            mapping("query", Meaning.QUERY),
            _unused("Runs an SQL query; `into` names the variable for its result."),
            detail="runs a query",
        ),
        KeySpec(
            "cte",
            mapping("common table", Meaning.QUERY),
            _unused("A common table expression: a name for a query."),
            detail="names a query",
        ),
        KeySpec("return", EXPRESSION, _unused("Returns a value: `return: v_count`."), detail="returns a value"),
        KeySpec(
            "return_table",
            QUERY,
            _unused("Returns the rows of a query: `return_table: SELECT …`."),
            detail="returns rows",
        ),
        KeySpec(
            "for_query",
            mapping("loop"),
            _unused("Repeats steps for each row of a query: a mapping with `alias`, `query` and `body`."),
            detail="steps for each row",
        ),
        KeySpec(
            "cursor_declare", mapping("cursor"), _unused("Declares a cursor for a query."), detail="declares a cursor"
        ),
        KeySpec("cursor_open", VARIABLE, _unused("Opens a cursor: `cursor_open: c_rows`."), detail="opens a cursor"),
        KeySpec("cursor_fetch", mapping("fetch"), _unused("Fetches the next row of a cursor."), detail="fetches a row"),
        KeySpec(
            "cursor_close", VARIABLE, _unused("Closes a cursor: `cursor_close: c_rows`."), detail="closes a cursor"
        ),
    )


def _others() -> tuple[KeySpec, ...]:
    return (
        *(KeySpec(name, value, text, release=Release.BETA) for name, value, text in _BETA),
        *(
            KeySpec(name, value, text, release=Release.NONE, instead=instead)
            for name, value, text, instead in _DOCUMENTED
        ),
        KeySpec(
            "error_message",
            TEXT,
            "The text of the error.",
            release=Release.NONE,
            instead="write its code behind `error`.",
            beside=("validate",),
        ),
    )


def _mappings() -> tuple[Level, ...]:
    return (
        Level(
            "refresh",
            (
                KeySpec(
                    "scope",
                    choice("self", "related", "propagate", "batch"),
                    "Which views are refreshed: `self`, the entity's own; `related`, also those of entities that refer "
                    "to it; `propagate`, also those named by `propagate`; `batch`, later, all at once.",
                    detail="which views",
                ),
                KeySpec(
                    "propagate",
                    listed(ENTITY_REFERENCE),
                    "The entities whose views are refreshed, too. `propagate: [Company]`",
                    detail="further entities",
                ),
                KeySpec(
                    "strategy",
                    choice("immediate", "deferred"),
                    "When the views are refreshed; without it `immediate`.",
                    detail="when",
                ),
            ),
        ),
        Level(
            "declaration",
            (
                KeySpec("name", VARIABLE, "The variable's name. `name: v_count`", detail="the variable"),
                KeySpec("type", TEXT, "Its PostgreSQL type; without it `TEXT`.", detail="its type"),
                KeySpec("default", EXPRESSION, "Its first value.", detail="its first value"),
            ),
        ),
        Level(
            "assignment",
            (
                KeySpec("variable", VARIABLE, "The variable's name.", detail="the variable"),
                KeySpec("expression", EXPRESSION, "The value that it gets.", detail="its value"),
            ),
        ),
        Level(
            "query",
            (
                KeySpec("sql", QUERY, "The query.", detail="the query"),
                KeySpec("into", VARIABLE, "The variable that holds the result.", detail="where the result goes"),
            ),
        ),
        Level(
            "common table",
            (
                KeySpec("name", VARIABLE, "The name of the query's result.", detail="its name"),
                KeySpec("query", QUERY, "The query.", detail="the query"),
            ),
        ),
        Level(
            "loop",
            (
                KeySpec("alias", VARIABLE, "The name of the row; without it `row`.", detail="the row's name"),
                KeySpec("query", QUERY, "The query whose rows are gone through.", detail="the query"),
                KeySpec("body", STEPS, "The steps for each row.", detail="the steps"),
            ),
        ),
        Level(
            "cursor",
            (
                KeySpec("name", VARIABLE, "The cursor's name.", detail="its name"),
                KeySpec("query", QUERY, "The query whose rows it goes through.", detail="the query"),
            ),
        ),
        Level(
            "fetch",
            (
                KeySpec("cursor", VARIABLE, "The cursor.", detail="the cursor"),
                KeySpec("into", VARIABLE, "The variable that holds the row.", detail="where the row goes"),
            ),
        ),
        Level(
            "service call",
            tuple(
                KeySpec(name, value, text, release=Release.BETA)
                for name, value, text in (
                    ("service", ValueSpec(Meaning.SERVICE), "The service's name, whatever its case."),
                    ("operation", ValueSpec(Meaning.SERVICE_OPERATION), "The operation's name, whatever its case."),
                    ("input", ANY, "The operation's input."),
                    ("async", BOOLEAN, "Whether the action goes on without waiting for the answer."),
                    (
                        "timeout",
                        NUMBER,
                        "After how many seconds the call fails; 30 if the operation does not say.",
                    ),
                    (
                        "max_retries",
                        NUMBER,
                        "How often a failed call is repeated; 3 if the operation does not say.",
                    ),
                    ("on_success", STEPS, "The steps after an answer."),
                    ("on_failure", STEPS, "The steps after the last failure."),
                    (
                        "correlation_field",
                        ValueSpec(Meaning.FIELD_REFERENCE),
                        "The field that ties an answer to a row.",
                    ),
                )
            ),
        ),
    )
