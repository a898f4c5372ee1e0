"""What steps between serials change at each owner, held against what the state has there."""

from collections.abc import Mapping, Sequence

from attestations.zone.incremental.records import Record, flat_line, record_of
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.store import Store
from attestations.zone.reading.flat import Unflat, line_of
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.sorting import key_of
from attestations.zone.reading.transfer.differences import Difference, is_newer
from attestations.zone.validation.denial.authority import is_within

Lines = tuple[bytes, ...]
_Records = dict[Record, bytes]


def changes_of(steps: Sequence[Difference], store: Store, apex: bytes, serial: int) -> Mapping[bytes, Lines]:
    """Return the lines of each owner that differs after all steps, by name in wire form; none for one that is gone.

    Raises InputError (DNS-STATE): a gap between serials, a record that cannot be read or is outside the zone, one that
    is deleted but not there, or added but there already.
    """
    before: dict[bytes, Lines] = {}
    after: dict[bytes, _Records] = {}
    for step in steps:
        if step.old != serial or not is_newer(step.new, step.old):
            found = f"a step from serial {step.old} to {step.new}"
            raise full_pass_needed(found, f"one from serial {serial} to a later one, without a gap")
        serial = step.new
        for raw, is_added in (*((raw, False) for raw in step.deleted), *((raw, True) for raw in step.added)):
            name, record, line = _read(raw, apex)
            if name not in after:
                before[name] = _lines(store, name)
                after[name] = {_read(old, apex)[1]: old for old in before[name]}
            _change(after[name], name, record, line if is_added else None)
    changed = {name: tuple(records.values()) for name, records in after.items()}
    return {name: lines for name, lines in changed.items() if set(lines) != set(before[name])}


def _change(records: _Records, name: bytes, record: Record, added: bytes | None) -> None:
    """Add the line, or delete the record."""
    if (record in records) == (added is not None):
        fault = "adds a record that is there already" if added is not None else "deletes a record that is not there"
        raise full_pass_needed(f"a step that {fault}, at {text_name(name)}")
    if added is None:
        del records[record]
    else:
        records[record] = added


def _read(raw: bytes, apex: bytes) -> tuple[bytes, Record, bytes]:
    """Return owner, record, and the line in the spelling of the state."""
    try:
        line = line_of(raw.rstrip(b"\n"), 0)
        name = wire_name(line.owner)
        record = record_of(line)
    except (ValueError, Unflat) as error:
        raise full_pass_needed(f"a record that cannot be read: {error!s:.200}") from None
    if not is_within(name, apex):
        raise full_pass_needed(f"a record outside the zone, at {text_name(name)}")
    return name, record, flat_line(name, line)


def _lines(store: Store, name: bytes) -> Lines:
    owner = store.owner(key_of(name))
    return owner.lines if owner else ()
