"""Addresses that hold their content, so that a page needs no other file."""

from base64 import b64encode


def data_url(kind: str, content: bytes) -> str:
    """Return an address of a media type that holds its content."""
    return f"data:{kind};base64,{b64encode(content).decode()}"
