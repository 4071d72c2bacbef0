"""Any registry exported into any YAML: nothing differs afterwards, no comment is lost, and it takes seconds at most."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from specql_lsp.registry.consistency.comparison import compare_all
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.export import _Update, export_registry
from specql_lsp.workspace.documents import Document
from tests.benchmarks.data import registry as benchmark_registry
from tests.benchmarks.data import registry_yaml
from tests.features.test_registry_edits import SNAPSHOT, yaml_of
from tests.support.corpus import REGISTRIES, name_of
from tests.support.effort import times
from tests.support.exports import NOW, as_postgresql_holds, as_specql_reads, exported, read
from tests.support.patience import cpu_seconds

ROOT = Path(__file__).parents[2]
REAL = REGISTRIES
FIXTURE = ROOT / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"


@pytest.mark.parametrize("path", REAL, ids=name_of)
def test_real_registries_become_one_another(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for other in (*REAL, FIXTURE):
        after = exported(read(other.read_text(encoding="utf-8")), text)
        comments = [line for line in text.split("\n") if line.startswith("#")]
        assert [line for line in after.split("\n") if line.startswith("#")] == comments
    fewer = exported(Snapshot(()), text)
    assert {k: v for k, v in yaml.safe_load(fewer).items() if k != "domains"} == {
        k: v for k, v in yaml.safe_load(text).items() if k != "domains"
    }


@st.composite
def commented(draw: st.DrawFn) -> str:
    """A registry, and its text in some style with comments on lines of their own and behind values."""
    data = yaml.safe_load(yaml_of(draw(SNAPSHOT), None))
    plain = yaml.safe_dump(
        data,
        default_flow_style=draw(st.sampled_from([False, True, None])),
        indent=draw(st.sampled_from([2, 3, 4])),
        width=draw(st.sampled_from([40, 9999])),
        sort_keys=draw(st.booleans()),
        allow_unicode=True,
    )
    lines = plain.split("\n")
    for number in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        if draw(st.booleans()):
            lines.insert(at, "  " * draw(st.integers(0, 6)) + f"# comment {number}")
        elif lines[at]:
            lines[at] += f"  # comment {number}"
    text = "\n".join(lines)
    # A comment inside a text of several lines is none, or breaks it.
    try:
        assume(yaml.safe_load(text) == yaml.safe_load(plain))
    except yaml.YAMLError:
        assume(False)
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return text.replace("\n", ending)


@settings(
    deadline=None, max_examples=times(150), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(SNAPSHOT, commented())
def test_any_registry_is_exported_into_any_yaml(postgresql: Snapshot, text: str) -> None:
    after = export_registry(postgresql, text, NOW)
    assert as_specql_reads(yaml.safe_load(after)) == as_postgresql_holds(postgresql)
    assert export_registry(postgresql, after, NOW) == after
    assert ("\r" in after) == ("\r" in text)
    gone = lines_of_what_goes(postgresql, text)
    for number, line in enumerate(re.split("\r?\n", text)):
        if line.lstrip().startswith("# comment") and number not in gone:
            assert line in re.split("\r?\n", after), (line, after)


def lines_of_what_goes(postgresql: Snapshot, text: str) -> set[int]:
    """The lines of things and attributes that PostgreSQL lacks, with the deeper comments behind them."""
    document = Document("", text, is_registry=True)
    assert document.registry is not None
    spans = []
    for discrepancy in compare_all(postgresql, read(text)):
        domain = document.registry.domain(discrepancy.domain)
        subdomain = entity = None
        if domain is not None and discrepancy.subdomain is not None:
            subdomain = document.registry.subdomain(discrepancy.domain, discrepancy.subdomain)
            if discrepancy.entity is not None and subdomain is not None:
                entity = document.registry.entity(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)
        if discrepancy.type.value.endswith("in_postgresql"):
            thing = entity or subdomain or domain
            assert thing is not None
            spans.append(thing.entry.span)
        elif discrepancy.attribute == "description":
            thing = subdomain or domain
            entry = thing.body.entry("description") if thing is not None and thing.body is not None else None
            if entry is not None:
                spans.append(entry.span)
        elif discrepancy.attribute == "aliases" and domain is not None and domain.body is not None:
            spans.extend(alias.span for alias in domain.aliases)
    gone: set[int] = set()
    for span in spans:
        first, last = document.lines.line_of(span.start), document.lines.line_of(span.end)
        margin = len(document.lines.line_text(first)) - len(document.lines.line_text(first).lstrip(" "))
        while last + 1 < document.lines.line_count:
            line = document.lines.line_text(last + 1)
            if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip()) > margin):
                break
            last += 1
        gone.update(range(first, last + 1))
    return gone


# However much differs


@pytest.mark.parametrize("count", [3, 300])
def test_the_text_is_read_a_few_times_however_much_differs(count: int) -> None:
    entities = tuple(Entity(f"E{n}", f"01101{n % 10}", n) for n in range(count))
    subdomains = tuple(Subdomain(format(n, "02X"), f"s{n}", None, n, entities[:2]) for n in range(count // 3))
    one = Domain("1", "a", "x", True, ("b",), (Subdomain("FF", "all", None, 1, entities), *subdomains))
    fewer = Snapshot((one._replace(subdomains=(Subdomain("FF", "other", None, 1, entities[::2]), *subdomains)),))
    for before, after in (
        (Snapshot(()), Snapshot((one,))),
        (Snapshot((one._replace(subdomains=()),)), Snapshot((one,))),
        (Snapshot((one,)), Snapshot(())),
        (Snapshot((one,)), fewer),
        (fewer, Snapshot((one,))),
    ):
        update = _Update(after, Document("", export_registry(before, None, NOW), is_registry=True), NOW)
        update.run()
        update.check()
        assert len(update._edited.rounds) <= 2


def test_a_large_registry_is_exported_in_seconds() -> None:
    snapshot = benchmark_registry(10_800)
    text = registry_yaml(snapshot)
    same: list[str] = []
    assert cpu_seconds(lambda: same.append(export_registry(snapshot, text, NOW))) < 60
    assert same == [text]


def test_changes_of_a_large_registry_are_exported_in_seconds() -> None:
    snapshot = benchmark_registry(1_800)
    text = registry_yaml(snapshot)
    fewer = Snapshot(
        d._replace(
            subdomains=tuple(
                s._replace(entities=s.entities[1:]) if n % 9 == 0 or n % 10 == 0 else s
                for n, s in enumerate(d.subdomains)
            )
        )
        for d in snapshot.domains
    )
    exports: list[str] = []

    def export() -> None:
        exports.append(export_registry(snapshot, None, NOW))
        exports.append(export_registry(fewer, text, NOW))
        exports.append(export_registry(snapshot, exports[-1], NOW))

    assert cpu_seconds(export) < 60
    new, less, more = exports
    assert compare_all(snapshot, read(new)) == compare_all(fewer, read(less)) == compare_all(snapshot, read(more)) == ()
    assert text.count("\n") > less.count("\n")
