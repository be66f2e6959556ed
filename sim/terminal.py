"""Output where not every sign can be shown: what a terminal lacks is replaced by the like, and is never an error."""

import codecs
import functools
import io
import os
import sys
import unicodedata

NAME = "offhours_plain"  # of the codec and of the way to handle errors
LIKE = {
    "−": "-",
    "–": "-",
    "—": "-",
    "→": ">",
    "×": "x",
    "·": ".",
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
}


class _Encoder(codecs.IncrementalEncoder):
    """ASCII with replacements, under a name of its own: click writes UTF-8 where it sees that a stream is in ASCII."""

    def encode(self, text: str, final: bool = False) -> bytes:
        """Encode a text.

        Parameters
        ----------
        text : str
            Any text.
        final : bool
            Of no use here: each sign stands for itself.

        Returns
        -------
        bytes
            In ASCII.
        """
        return text.encode("ascii", NAME)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace signs that cannot be encoded: a minus by a hyphen, é by e, what has no like by a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    likes = (LIKE.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() for sign in signs)
    return "".join(like or "?" for like in likes), error.end


def _codec(name: str) -> codecs.CodecInfo | None:
    """Find the codec by its name, as Python asks for it."""
    if name != NAME:
        return None
    known = codecs.lookup("ascii")
    return codecs.CodecInfo(
        known.encode, known.decode, incrementalencoder=_Encoder, incrementaldecoder=known.incrementaldecoder, name=NAME
    )


@functools.cache
def _register() -> None:
    """Make codec and replacements known to Python, once."""
    codecs.register_error(NAME, _plain)
    codecs.register(_codec)


def forgive() -> None:
    """Let standard output and standard error replace what they cannot show."""
    _register()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding=NAME if ascii_only else stream.encoding, errors=NAME)


def drop_output() -> None:
    """Throw away what standard output does not take, which Python would try to write once more at its end."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
