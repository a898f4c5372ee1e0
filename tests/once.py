"""What is made once for all workers of a test run, because it takes long."""

import fcntl
import os
import shutil


def made_once(tmp_path_factory, name, make):
    """Return the folder `name`, which `make` fills in one worker while the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what another worker did not finish
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
