"""A message of Outlook, built from its properties as a compound file ([MS-CFB], [MS-OXMSG])."""

import struct
from collections.abc import Mapping
from datetime import UTC, datetime

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

Tree = Mapping[str, "bytes | Tree"]
Values = Mapping[int, "str | bytes | int | datetime"]


def message_file(
    values: Values,
    *,
    recipients: tuple[Values, ...] = (),
    attachments: tuple[Values, ...] = (),
    encoding: str = "utf-16-le",
) -> bytes:
    """Return a .msg file; text of another encoding than UTF-16 is written as in old messages."""
    tree = dict(_properties(values, head=32, encoding=encoding))
    for kind, parts in (("recip", recipients), ("attach", attachments)):
        for number, part in enumerate(parts):
            name = f"__{kind}_version1.0_#{number:08X}"
            tree[name] = _properties(part, head=8, encoding=encoding)
    return _compound(tree)


def _properties(values: Values, *, head: int, encoding: str) -> dict[str, "bytes | Tree"]:
    """Return the streams of properties: a table of all, and a stream for each long one."""
    table, streams = bytes(head), {}
    for name, value in values.items():
        if isinstance(value, int):
            table += struct.pack("<HHIq", 0x0003, name, 6, value)
            continue
        if isinstance(value, datetime):
            ticks = int((value - _EPOCH).total_seconds()) * 10_000_000
            table += struct.pack("<HHIq", 0x0040, name, 6, ticks)
            continue
        wide = encoding == "utf-16-le"
        kind = 0x0102 if isinstance(value, bytes) else 0x001F if wide else 0x001E
        data = value if isinstance(value, bytes) else value.encode(encoding)
        streams[f"__substg1.0_{name:04X}{kind:04X}"] = data
        table += struct.pack("<HHIq", kind, name, 6, len(data))
    return {"__properties_version1.0": table, **streams}


class _Writer:
    """Lays out streams in sectors; `entries` is the directory."""

    def __init__(self) -> None:
        self.entries: list[list[object]] = [["Root Entry", _ROOT, _NONE, _NONE, _END, 0]]
        self.mini, self.mini_chain = b"", list[int]()
        self.sectors, self.chain = b"", list[int]()

    def add(self, tree: Tree, parent: int) -> None:
        """Add the members of a storage; each is the right sibling of the one before."""
        before: int | None = None
        for name, content in tree.items():
            number = len(self.entries)
            is_stream = isinstance(content, bytes)
            start, size = self.place(content) if isinstance(content, bytes) else (0, 0)
            kind = _STREAM if is_stream else _STORAGE
            self.entries.append([name, kind, _NONE, _NONE, start, size])
            self.entries[parent if before is None else before][3 if before is None else 2] = number
            before = number
            if not isinstance(content, bytes):
                self.add(content, number)

    def place(self, data: bytes) -> tuple[int, int]:
        if len(data) >= _CUTOFF:
            return self.place_sectors(data), len(data)
        start = len(self.mini_chain)
        self.mini += data + bytes(-len(data) % _MINI)
        self.mini_chain += [*range(start + 1, len(self.mini) // _MINI), _END]
        return (start if data else _END), len(data)

    def place_sectors(self, data: bytes) -> int:
        start = len(self.chain) + 1  # the table of sectors is the first one
        self.sectors += data + bytes(-len(data) % _SECTOR)
        self.chain += [*range(start + 1, len(self.sectors) // _SECTOR + 1), _END]
        return start


def _compound(tree: Tree) -> bytes:
    writer = _Writer()
    writer.add(tree, 0)
    writer.entries[0][4:] = [writer.place_sectors(writer.mini), len(writer.mini)]
    mini_table = writer.place_sectors(
        struct.pack(f"<{len(writer.mini_chain)}I", *writer.mini_chain)
    )
    directory = writer.place_sectors(b"".join(map(_entry, writer.entries)))
    links = [_FAT, *writer.chain]
    assert len(links) <= _SECTOR // 4, "one sector of links is all that this writer makes"
    table = struct.pack("<128I", *links, *[_FREE] * (128 - len(links)))
    mini_sectors = -(-len(writer.mini_chain) * 4 // _SECTOR)
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE,
        9, 6, 0, 1, directory, 0, _CUTOFF, mini_table, mini_sectors, _END, 0, 0,
    )  # fmt: skip
    header += struct.pack("<108I", *[_FREE] * 108)
    return header + table + writer.sectors


def _entry(entry: list[object]) -> bytes:
    name, kind, right, child, start, size = entry
    text = str(name).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIQ", text, len(text), kind, 1, _NONE, right, child, 0, start, size
    )
