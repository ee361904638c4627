"""The end of a process: what Python does then that nobody needs."""

import atexit
import gc


def skip_last_collection() -> None:
    """Spare this process the search for garbage with which Python ends. May be called again.

    It looks through everything that was ever imported: 0.15 s of CPU in each service, so that on a
    busy machine `seedwire down` waited for little else.
    """
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
