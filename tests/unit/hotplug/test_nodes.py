"""The table of nodes: each change once, whatever order lists and events come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from posd.hotplug.nodes import Node, NodeChange, NodeTable

OLD = Node("/dev/ttyUSB0", "tty", ("/dev/posd/printer",), ("/sys/a", 1, "10"))
NEW = Node("/dev/ttyUSB0", "tty", ("/dev/posd/printer",), ("/sys/a", 1, "20"))
PAD = Node("/dev/input/event5", "input", (), ("/sys/b", 2, "11"))


def change(action: str, node: Node) -> NodeChange:
    return NodeChange(action, node.devnode, node.subsystem, node.links)


def test_a_device_in_the_list_and_as_an_event_is_reported_once() -> None:
    table = NodeTable()
    assert table.listed([OLD]) == [change("add", OLD)]
    assert table.event("add", OLD) == []


def test_an_unknown_removal_is_dropped() -> None:
    assert NodeTable().event("remove", PAD) == []


def test_a_new_device_under_an_old_name_is_a_removal_and_an_addition() -> None:
    table = NodeTable()
    table.event("add", OLD)
    assert table.event("add", NEW) == [change("remove", OLD), change("add", NEW)]


def test_a_list_after_lost_events_reports_what_they_would_have() -> None:
    table = NodeTable()
    table.listed([OLD, PAD])
    assert table.listed([NEW]) == [change("remove", OLD), change("remove", PAD), change("add", NEW)]
    assert table.listed([NEW]) == []


def test_a_removal_names_the_links_that_the_node_had() -> None:
    table = NodeTable()
    table.event("add", OLD)
    bare = Node(OLD.devnode, OLD.subsystem)
    assert table.event("remove", bare) == [change("remove", OLD)]


def test_a_change_of_links_is_reported() -> None:
    table = NodeTable()
    bare = Node(OLD.devnode, OLD.subsystem, (), OLD.identity)
    table.event("add", bare)
    assert table.event("add", OLD) == [change("change", OLD)]
    assert table.event("change", OLD) == [change("change", OLD)]


NODES = st.builds(
    lambda name, since: Node(f"/dev/n{name}", "usb", (), (f"/sys/{name}", name, str(since))),
    st.integers(0, 2),
    st.integers(0, 2),
)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["add", "remove", "change"]), NODES),
    st.tuples(st.just("list"), st.lists(NODES, unique_by=lambda node: node.devnode)),
)


@given(st.lists(STEPS, max_size=20))
def test_reports_always_alternate_for_a_name(steps: list[tuple[str, object]]) -> None:
    """Whoever follows the reports alone never sees a node added twice, nor removed or changed while it is away."""
    table, there = NodeTable(), set()
    for action, what in steps:
        changes = table.listed(what) if action == "list" else table.event(action, what)
        for one in changes:
            assert (one.devnode in there) == (one.action != "add")
            (there.discard if one.action == "remove" else there.add)(one.devnode)
        if action == "list":
            assert there == {node.devnode for node in what}
