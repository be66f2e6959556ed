"""Files in the user's cache folder: written whole with a checksum, verified when read, safe to share between processes.

Code found there is executed, so a folder that others can write to is not used.
"""

import contextlib
import hashlib
import os
import tempfile
import uuid
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
_DIGEST = hashlib.sha256().digest_size
_OTHERS = 0o022  # write permission for group and others


def home() -> Path:
    """Return the folder: ``$OFFHOURS_CACHE``, or ``offhours`` in the user's cache folder."""
    usual = os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "offhours")
    place = os.path.expanduser(os.environ.get("OFFHOURS_CACHE") or usual)
    if place[0] == "~":  # the system does not know the user, as in some containers
        place = os.path.join(tempfile.gettempdir(), f"offhours-{os.geteuid()}")
    return Path(place).absolute()


def read(file: Path) -> bytes | None:
    """Read a file; None if it is missing or damaged."""
    try:
        content = file.read_bytes() if _ours(file.parent) else b""
    except OSError:
        return None
    kept = content[_DIGEST:]
    return kept if kept and hashlib.sha256(kept).digest() == content[:_DIGEST] else None


def write(file: Path, content: bytes) -> None:
    """Write a file with its checksum, atomically; the folder is created if necessary. Raises ``OSError``."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _ours(file.parent):
        raise PermissionError(0, "others can write there")
    draft = file.with_name(f".{uuid.uuid4().hex}.draft")
    try:
        with draft.open("xb") as handle:
            handle.write(hashlib.sha256(content).digest() + content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(draft, file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _ours(folder: Path) -> bool:
    """Return whether nobody else could have written to the folder without being able to change the package too."""
    if folder.is_relative_to(PACKAGE):
        return folder.is_dir()
    try:
        about = folder.lstat()
    except OSError:
        return False
    return about.st_uid in (os.geteuid(), 0) and not about.st_mode & _OTHERS and folder.is_dir()
