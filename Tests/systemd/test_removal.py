"""The end of the service."""

from service import URL, check
from suite import test

service = None  # set by the runner


@test
def uninstall():
    """--uninstall keeps settings and history, --purge does not, and a new installation finds what was kept"""
    service.start_clean()
    service.write("kept", f"[Job]\nEvery=1h\n[Request]\nURL={URL}\n")
    service.run("/mnt/checkout/systemd/install", "--uninstall")
    check(service.show("LoadState") == "not-found", "the unit is still there")
    service.run("test", "!", "-e", "/usr/sbin/httpcrond")
    service.run("test", "-e", "/etc/httpcron/jobs.d/kept.job")
    service.run("test", "-d", "/var/lib/httpcron/history")
    service.install("--now")
    check("kept" in service.run("httpcron", "list"), "the job is gone")
    service.run("/mnt/checkout/systemd/install", "--uninstall", "--purge")
    left = service.run("find", "/etc", "/usr", "/var/lib", "-name", "*httpcron*", "-not", "-name", "httpcron-probe.py")
    check(left == "", "left behind:", left)
    check(service.machine.run("id", "httpcron", check=False).returncode != 0, "the user is still there")
