"""What an erasure has to remember until it is finished: what to look for once the text is gone."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from stores.files import write_atomically
from stores.proof import NeedleKind, Needles
from stores.receipt_records import Receipt


@dataclass(frozen=True, slots=True)
class Note:
    """Of one erasure.

    Attributes
    ----------
    sha256
        Of the document's original.
    needles
        Pieces of the document.
    """

    sha256: str
    needles: Needles


class Notes:
    """The notes of unfinished erasures: a file each, by tenant and the id of the receipt.

    Pieces stand in it in hex, so that no search takes the note for what it looks for.

    Parameters
    ----------
    folder
        Of the files; made if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, receipt: Receipt, note: Note) -> None:
        """Keep a note until it is discarded, also over a crash."""
        file = self._file(receipt)
        file.parent.mkdir(parents=True, exist_ok=True)
        pieces = {piece.hex(): kind.value for piece, kind in note.needles.kinds.items()}
        content = json.dumps({"sha256": note.sha256, "pieces": pieces})
        write_atomically(file, content.encode())

    def read(self, receipt: Receipt) -> Note:
        """Return the note; one of nothing where the document was gone when it was to be made."""
        try:
            content = json.loads(self._file(receipt).read_bytes())
        except FileNotFoundError:
            return Note("", Needles())
        kinds = {bytes.fromhex(piece): NeedleKind(k) for piece, k in content["pieces"].items()}
        return Note(content["sha256"], Needles(kinds))

    def keep_only(self, tenant: str, receipt_ids: Collection[UUID]) -> None:
        """Discard a tenant's other notes, and what a crash left half written.

        Only while nobody writes one.
        """
        kept = {f"{each}.json" for each in receipt_ids}
        for file in (self.folder / tenant).glob("*"):
            if file.name not in kept:
                file.unlink(missing_ok=True)

    def _file(self, receipt: Receipt) -> Path:
        return self.folder / receipt.tenant / f"{receipt.id}.json"
