"""A machine whose clock is wrong: Python loads this at its start, if this folder is on its path."""

import os
import time

_true_time = time.time
_SECONDS = float(os.environ["WRONG_CLOCK_SECONDS"])


def tell_wrong_time() -> float:
    return _true_time() + _SECONDS


time.time = tell_wrong_time
