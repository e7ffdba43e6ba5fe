"""File systems of our own on loop devices, and the cutting of their power. All of it is mounted in our own namespace and
detached with the last mount, so nothing is left behind whatever happens."""

import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

import ground
from daemon import check, wait_for
from suite import Skip

# _IOR('X', 125, __u32), and its third way: nothing is flushed, not even the journal. xfs_fs.h, ext4.h.
FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2

# How each is made, and of how many megabytes.
KINDS = {"ext4": (["mkfs.ext4", "-q", "-F"], 64), "xfs": (["mkfs.xfs", "-q", "-f"], 320)}


class Disk:
    """A file system that can be cut off, and looked at again."""

    def __init__(self, kind):
        command, megabytes = KINDS[kind]
        if not ground.EXISTS or not ground.is_root():
            raise Skip("a file system can only be mounted by root")
        if not shutil.which(command[0]):
            raise Skip(f"there is no {command[0]} here: apt-get install e2fsprogs xfsprogs")
        if not os.path.exists("/dev/loop-control"):
            raise Skip("there are no loop devices here")
        self.kind = kind
        self._temporary = tempfile.TemporaryDirectory(prefix=f"crash-{kind}-")
        root = pathlib.Path(self._temporary.name)
        self.image, self.path = root / "image", root / "mount"
        self.path.mkdir()
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run([*command, str(self.image)], check=True, capture_output=True)
        self.mount()

    def mount(self):
        done = subprocess.run(["mount", "-t", self.kind, "-o", "loop", str(self.image), str(self.path)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"cannot mount: {done.stderr.strip()}")

    def cut(self):
        """The moment of the power loss. Gives when it began."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            began = time.monotonic()
            fcntl.ioctl(descriptor, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
            return began
        finally:
            os.close(descriptor)

    def power_on(self):
        """What comes back once the power does. Whoever still had a file open must be gone."""
        wait_for(self._unmount, 10, f"{self.path} to be let go of")
        self.mount()

    def _unmount(self):
        """A process that died a moment ago, or is being started next to us, may hold on to it a little longer."""
        return subprocess.run(["umount", str(self.path)], capture_output=True).returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.path)], capture_output=True)
        self._temporary.cleanup()


def check_dead(disk):
    """The control: a disk that has been cut takes nothing more."""
    try:
        (disk.path / "alive").write_text("still")
    except OSError:
        return
    check(False, "the disk was cut off and still takes files")
