"""An engine that simulates nothing, and the faults that tests ask it for.

Importing this registers it in this process; workers import it with the first task.
"""

import hashlib
import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.sweeps.engines import ENGINES, Engine, Row


def run_noop(point: Mapping[str, Any], lens: Mapping[str, Any], replicate: int) -> Row:
    """Simulate nothing: numbers that hang on the point alone, and faults.

    ``sleep`` are seconds; ``fault`` is raise, hang, die, memory, or once:FOLDER, or empty for none.
    """
    if point.get("sleep"):
        time.sleep(point["sleep"])
    match str(point.get("fault") or ""):
        case "raise":
            raise ValueError("this run was asked to fail")
        case "hang":
            time.sleep(3600)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "memory":
            np.empty(5 << 30, np.int8)  # which the system would grant: no page of it is used
        case once if once.startswith("once:") and replicate == 0:  # dies the first time, by a mark in a folder
            mark = Path(once.removeprefix("once:")) / hashlib.sha256(repr(sorted(point.items())).encode()).hexdigest()
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
    named = {key: value for key, value in point.items() if key not in ("fault", "sleep")}
    digest = hashlib.blake2b(json.dumps([named, replicate], sort_keys=True).encode(), digest_size=16).digest()
    y, z = (int.from_bytes(part) / 2**64 for part in (digest[:8], digest[8:]))
    return {"people": 1, "firms": 1, "weeks": 1, "y": y, "z": z}


ENGINES["noop"] = Engine(run_noop, ("y", "z"))
