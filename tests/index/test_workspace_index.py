"""The index is immutable, and the same whatever changes led to it."""

from random import Random

from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.index.symbols import entity_key, schema_key
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.documents import Document

URIS = [f"file:///{folder}/{number}.yaml" for folder in "ab" for number in range(6)]


def summary(uri: str, names: list[str], random: Random) -> FileSummary | None:
    text = "---\n".join(
        f"entity: {name}\nschema: {random.choice(['crm', 'CRM', 'catalog'])}\n"
        f"organization: {{table_code: '{random.choice(['012031', '01203A', '01203a'])}'}}\n"
        f"fields: {{a: ref({random.choice(['crm.', ''])}{random.choice(['Contact', 'Person', 'Order'])})}}\n"
        for name in names
    )
    return summarize(Document(uri, text))


def answers(index: WorkspaceIndex) -> tuple[object, ...]:
    return (
        len(index),
        index.uris,
        list(index.all()),
        index.names_text,
        sorted(index.codes()),
        [index.get(uri) for uri in URIS],
        [index.named(name) for name in ("contact", "CONTACT", "person", "order")],
        [index.using_code(code) for code in ("012031", "01203A", "")],
        [index.in_schema(schema) for schema in ("crm", "Crm", "catalog", "")],
        [index.users(key) for key in (entity_key("Contact"), entity_key("person", "x"), schema_key("CRM"))],
        [index.in_folder(folder) for folder in ("file:///a", "file:///b", "file:///")],
    )


def _random_summary(uri: str, random: Random) -> FileSummary | None:
    names = random.choices(["Contact", "contact", "Person", "Order"], k=random.choice([0, 1, 1, 2, 3]))
    return summary(uri, names, random)


def test_any_changes_lead_to_the_index_of_what_there_is_and_leave_the_ones_before() -> None:
    random = Random(10)
    for _ in range(40):
        index, files = WorkspaceIndex(), dict[str, FileSummary | None]()
        seen: list[tuple[WorkspaceIndex, tuple[object, ...]]] = []
        for _ in range(30):
            changes = {uri: _random_summary(uri, random) for uri in random.sample(URIS, random.choice([1, 1, 4]))}
            index = index.put_all(changes)
            files = {uri: new for uri, new in (files | changes).items() if new is not None}
            if random.random() < 0.5:  # what is worked out when it is asked for is handed on to the next index
                seen.append((index, answers(index)))
            order = random.sample([new for new in files.values() if new], len(files))
            assert answers(index) == answers(WorkspaceIndex(order))
        assert all(answers(before) == expected for before, expected in seen)


def test_answers_are_in_the_order_of_the_files() -> None:
    index = WorkspaceIndex()
    for uri in reversed(URIS):
        index = index.put(uri, summary(uri, ["Contact", "Contact"], Random(1)))
    assert [each.uri for each in index.named("contact")] == [uri for uri in URIS for _ in range(2)]
    assert [each.uri for each in index.all()] == [uri for uri in URIS for _ in range(2)]


def test_the_entities_with_an_action_are_followed() -> None:
    def summary(number: int, action: str) -> FileSummary:
        document = Document(f"file:///{number}.yaml", f"entity: E{number}\nactions: [{{name: {action}}}]\n")
        assert document.summary is not None
        return document.summary

    index = WorkspaceIndex([summary(1, "close"), summary(2, "open")])
    assert [facts.name for facts in index.with_action("close")] == ["E1"]
    assert [facts.name for facts in index.with_action("nothing")] == []
    changed = index.put("file:///2.yaml", summary(2, "close"))
    assert [facts.name for facts in changed.with_action("close")] == ["E1", "E2"]
    assert [facts.name for facts in index.with_action("close")] == ["E1"]
    for number in range(200):
        assert index.with_action(f"a{number}") == ()
    assert [facts.name for facts in index.with_action("close")] == ["E1"]
