"""Location of data files: beside ``sim`` in a checkout, in ``sim/data`` of an installed package."""

from pathlib import Path

_CODE = Path(__file__).resolve().parent.parent
INSTALLED = (_CODE / "data").is_dir()  # then nothing may be written into it
_FOLDER = _CODE / "data" if INSTALLED else _CODE.parent
SCENARIOS = _FOLDER / "scenarios"
CALIBRATION = _FOLDER / "calibration"
