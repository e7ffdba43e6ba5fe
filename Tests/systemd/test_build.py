"""Installing from a checkout, with a toolchain that only says what it was asked: who builds, what, and with which
words to someone who has none."""

import textwrap

from service import check
from suite import test

service = None  # set by the runner

# Stands in for Swift: notes who called it with what, and has the programs built already.
SWIFT = textwrap.dedent("""\
    #!/bin/sh
    echo "$(id -un) $PWD $*" >>/tmp/swift-calls
    case "$*" in *--show-bin-path) echo /mnt/programs ;; esac
    """)


def install(user="builder", check=True):
    return service.machine.run("env", f"SUDO_USER={user}", "/home/builder/checkout/systemd/install", check=check)


def a_builder():
    """Makes the person and their checkout, unless they are there."""
    if service.machine.run("id", "builder", check=False).returncode == 0:
        return
    service.run("useradd", "--create-home", "--shell", "/bin/bash", "builder")
    service.run("sh", "-c", "mkdir /home/builder/checkout && cd /mnt/checkout &&"
                            " cp -r Sources systemd etc Package.swift /home/builder/checkout")
    service.run("chown", "-R", "builder:", "/home/builder")


@test
def builds():
    """`sudo systemd/install` builds static release programs, as the one who called sudo and with their PATH"""
    a_builder()
    # Where toolchain managers put themselves: known to a login of that person, and to nobody else.
    service.machine.write("/home/builder/.toolchain/swift", SWIFT, 0o755)
    service.machine.write("/home/builder/.profile", 'PATH="$HOME/.toolchain:$PATH"\n')
    said = install().stdout
    check("building as builder" in said, said)
    calls = service.machine.read("/tmp/swift-calls").splitlines()
    words = "build -c release --static-swift-stdlib"
    check(calls == [f"builder /home/builder/checkout {words} {last}" for last in
                    ("--product httpcrond", "--product httpcron", "--show-bin-path")], calls)
    # Without sudo, from the checkout's owner.
    service.run("rm", "/tmp/swift-calls")
    install(user="")
    check(service.machine.read("/tmp/swift-calls").startswith("builder "), service.machine.read("/tmp/swift-calls"))


@test
def without_swift():
    """without a toolchain it prints where to get one, and changes nothing"""
    a_builder()
    service.run("rm", "-f", "/home/builder/.profile")
    before = service.run("sh", "-c", "ls -l --time-style=full-iso /usr/sbin/httpcrond /usr/lib/systemd/system/httpcron*")
    # Toolchains of this host that are found without a PATH.
    service.run("sh", "-c", "for it in /opt/swift /usr/local/swift /usr/share/swift; do"
                            " if [ -d $it ]; then mount -t tmpfs tmpfs $it; fi; done;"
                            " rm -f /usr/bin/swift /usr/local/bin/swift")
    done = install(check=False)
    check(done.returncode == 1 and "swift.org/install" in done.stderr and "--from" in done.stderr, done)
    after = service.run("sh", "-c", "ls -l --time-style=full-iso /usr/sbin/httpcrond /usr/lib/systemd/system/httpcron*")
    check(before == after, after)


@test
def needs_root():
    """without root it says how to call it"""
    a_builder()
    done = service.machine.run("runuser", "-u", "builder", "--", "/home/builder/checkout/systemd/install", check=False)
    check(done.returncode == 1 and "sudo systemd/install" in done.stderr, done)
