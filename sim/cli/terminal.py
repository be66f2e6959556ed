"""Output on limited terminals: characters that cannot be encoded are replaced and never raise an error."""

import codecs
import functools
import io
import os
import sys
import unicodedata

NAME = "offhours_plain"  # of codec and error handler
LIKE = {
    "−": "-", "–": "-", "—": "-", "→": ">", "×": "x", "·": ".", "±": "+/-", "≤": "<=", "≥": ">=", "“": '"', "”": '"',
}  # fmt: skip


class _Encoder(codecs.IncrementalEncoder):
    """ASCII with replacements, under its own name: click writes UTF-8 to streams that it recognises as ASCII."""

    def encode(self, text: str, final: bool = False) -> bytes:
        """Encode text as ASCII; stateless, so ``final`` is ignored."""
        return text.encode("ascii", NAME)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that cannot be encoded: a minus by a hyphen, é by e, others by a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    likes = (LIKE.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() for sign in signs)
    return "".join(like or "?" for like in likes), error.end


def _codec(name: str) -> codecs.CodecInfo | None:
    """Look up the codec by name, as ``codecs.register`` requires."""
    if name != NAME:
        return None
    known = codecs.lookup("ascii")
    return codecs.CodecInfo(
        known.encode, known.decode, incrementalencoder=_Encoder, incrementaldecoder=known.incrementaldecoder, name=NAME
    )


@functools.cache
def _register() -> None:
    """Register codec and error handler, once."""
    codecs.register_error(NAME, _plain)
    codecs.register(_codec)


def forgive() -> None:
    """Make standard output and error replace characters that they cannot encode; a closed stream discards output."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:  # so that no file gets the number of a closed stream
        pass
    os.close(handle)
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    _register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=NAME if ascii_only else stream.encoding, errors=NAME)


def drop_output() -> None:
    """Discard output that cannot be written, which Python would try to write again on exit."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
