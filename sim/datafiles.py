"""Where the files lie that come with the code: beside ``sim`` in a checkout, in ``sim/data`` where it is installed."""

from pathlib import Path

_CODE = Path(__file__).resolve().parent
INSTALLED = (_CODE / "data").is_dir()  # then nothing may be written there
_FOLDER = _CODE / "data" if INSTALLED else _CODE.parent
SCENARIOS = _FOLDER / "scenarios"
CALIBRATION = _FOLDER / "calibration"
