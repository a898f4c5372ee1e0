"""A systemd of its own, process 1 of its own namespaces, that starts a unit with the drop-in and is then killed."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

LIMIT = 60.0
"""seconds until it must have tried to start the unit"""

UNITS = {
    "probe.target": "[Unit]\nDefaultDependencies=no\nWants=signer.service end.service\n",
    "signer.service": (
        "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\n"
        "ExecStart=/bin/touch {folder}/started\n"
        "StandardError=append:{folder}/said\nStandardOutput=append:{folder}/said\n"
    ),
    "end.service": (
        "[Unit]\nDefaultDependencies=no\nAfter=signer.service\n"
        "[Service]\nType=oneshot\nExecStart=/bin/touch {folder}/ended\n"
    ),
}
"""`end` is ordered after the signer's unit and starts whether that one did or not"""

INSIDE = """
set -e
mount --make-rprivate /
mount -t tmpfs none /run
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /dev/null /dev/console
mount -t cgroup2 none /sys/fs/cgroup
[ "$1" = probe ] || exec env -i container=test SYSTEMD_UNIT_PATH="$1" /lib/systemd/systemd --system --unit=probe.target
"""
OUTSIDE = """
set -e
mount --make-rprivate /
mount -t cgroup2 none "$1/cgroups"
mkdir "$1/cgroups/$2"
echo $$ >"$1/cgroups/$2/cgroup.procs"
exec unshare --mount --pid --fork --kill-child --mount-proc --cgroup --uts --ipc --net sh -c "$3" sh "$4"
"""
"""a group of its own first, so that nothing is made beside those of the machine"""

AFTER = """
mount --make-rprivate /
mount -t cgroup2 none "$1/cgroups" || exit
echo 1 >"$1/cgroups/$2/cgroup.kill"
for _ in 1 2 3 4 5 6 7 8 9; do
    find "$1/cgroups/$2" -depth -type d -exec rmdir {} + && exit
    sleep 0.2
done
"""
"""what still runs in the group is ended, and the group removed once it is empty"""


@contextmanager
def group(folder):
    """A control group of its own: its name, for as long as it is needed."""
    (folder / "cgroups").mkdir(exist_ok=True)
    name = f"start-{os.getpid()}-{time.monotonic_ns()}"
    try:
        yield name
    finally:
        after = ["unshare", "--mount", "sh", "-c", AFTER, "sh", str(folder), name]
        subprocess.run(after, capture_output=True, check=False, timeout=LIMIT)


def call(folder, name, units):
    return ["unshare", "--mount", "sh", "-c", OUTSIDE, "sh", str(folder), name, INSIDE, str(units)]


def cannot_run(folder):
    """Why no systemd can run here; empty where one can."""
    if not Path("/lib/systemd/systemd").exists() or not shutil.which("unshare"):
        return "no systemd, or no unshare"
    with group(folder) as name:
        ended = subprocess.run(call(folder, name, "probe"), capture_output=True, text=True, check=False, timeout=LIMIT)
    return ended.stderr.strip() or ("" if ended.returncode == 0 else "namespaces cannot be made")


def start(folder, drop_in):
    """Let systemd start the unit; return whether it did, and what was said. The folder is the test's own."""
    units = folder / "units"
    (units / "signer.service.d").mkdir(parents=True)
    for name, text in UNITS.items():
        (units / name).write_text(text.format(folder=folder), encoding="utf-8")
    (units / "signer.service.d" / "50-signer-gatekeeper.conf").write_text(drop_in, encoding="utf-8")
    with group(folder) as name:
        running = subprocess.Popen(call(folder, name, units), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(folder / "ended", running)
        finally:
            running.kill()
            running.wait()
    said = folder / "said"
    return (folder / "started").exists(), said.read_text(encoding="utf-8") if said.exists() else ""


def _wait(file, running):
    until = time.monotonic() + LIMIT
    while not file.exists():
        assert running.poll() is None, "systemd ended by itself"
        assert time.monotonic() < until, "systemd did not try to start the unit"
        time.sleep(0.05)
