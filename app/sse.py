"""Server-sent events, as the client reads them."""

from collections.abc import Iterable, Iterator


def server_sent_events(chunks: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield (event name, data) of a `text/event-stream` body; comments are left out.

    An event that is not closed by an empty line was cut off and is not reported, as the HTML
    standard's section 9.2.6 wants it.
    """
    name, data = "message", list[str]()
    for line in _lines(chunks):
        field, _, value = line.partition(":")
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    # Not `httpx.Response.iter_lines`: it also breaks lines at U+2028, which JSON may hold.
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode("utf-8")
