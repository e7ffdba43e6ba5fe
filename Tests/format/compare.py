#!/usr/bin/env python3
"""Histories that our programs wrote, read by decoder.py, which knows Format.md and nothing of ours; each field of each
record held against what was written, and against what `httpcron dump` prints."""

import argparse
import datetime
import json
import pathlib
import subprocess
import sys

import checksums
import decoder

TRIGGERS = {1: "schedule", 2: "catch-up", 3: "manual", 4: "failure", 5: "recovery"}
REASONS = {1: "missed", 2: "skipped: overlap", 3: "superseded", 4: "paused", 5: "dropped", 6: "disk", 7: "lost",
           8: "clock", 9: "skipped: queue full"}
EPOCH = datetime.datetime(1970, 1, 1)


def text(value):
    return None if value is None else value.decode("utf-8", "replace")


def seconds(moment):
    return (EPOCH + datetime.timedelta(seconds=moment // 1_000_000)).isoformat() + "Z"


def microseconds(moment):
    if moment is None:
        return None
    return (EPOCH + datetime.timedelta(microseconds=moment)).isoformat(timespec="microseconds") + "Z"


def dumped_execution(record):
    """As `dump -o jsonl` has it."""
    body = text(record["body"])
    cause = None
    if record["cause_job"] is not None:
        cause = {"job": text(record["cause_job"]), "execution": record["cause_execution"]}
    return {
        "kind": "execution", "id": record["execution"],
        "status": "success" if record["error_code"] is None else "failed", "http_status": record["http_status"],
        "response_body": body + "...[truncated]" if body is not None and record["truncated"] else body,
        "error": text(record["error"]), "attempt": record["attempt"], "duration_ms": int(record["duration"] / 1_000),
        "started_at": seconds(record["started_at"]), "finished_at": seconds(record["finished_at"]),
        "job": text(record["job"]), "run_id": record["run"], "scheduled_at": seconds(record["scheduled_at"]),
        "trigger": TRIGGERS[record["trigger"]], "cause": cause, "error_code": text(record["error_code"]),
        "max_attempts": record["max_attempts"], "next_attempt_at": microseconds(record["next_attempt_at"]),
        "response_bytes": record["arrived"], "response_truncated": record["truncated"],
        "timings": {key: record[key] for key in ("dns", "connect", "tls", "first_byte", "total")},
        "remote_address": text(record["remote_address"]) or None, "http_version": text(record["http_version"]) or None,
        "started_at_us": microseconds(record["started_at"]), "finished_at_us": microseconds(record["finished_at"]),
        "duration_us": record["duration"], "seq": record["seq"],
    }


def dumped_note(record):
    return {
        "kind": "note", "job": text(record["job"]), "reason": REASONS[record["reason"]], "count": record["count"],
        "first_scheduled_at": seconds(record["first"]), "last_scheduled_at": seconds(record["last"]),
        "run_id": record.get("run"), "detail": text(record["detail"]) or None,
        "recorded_at": microseconds(record["recorded_at"]), "seq": record["seq"],
    }


class Comparison:
    def __init__(self):
        self.passed = self.failed = 0

    def judge(self, what, expected, found):
        """Two lists of objects; says where they first differ."""
        if expected == found:
            self.passed += 1
            return
        self.failed += 1
        print(f"{what}: {len(expected)} and {len(found)} objects")
        for number, (left, right) in enumerate(zip(expected, found)):
            keys = [key for key in sorted(left.keys() | right.keys()) if left.get(key, ...) != right.get(key, ...)]
            if keys:
                print(f"    object {number}: " + "; ".join(
                    f"{key}: {left.get(key, 'absent')!r} and {right.get(key, 'absent')!r}" for key in keys))
                return

    def history(self, directory, tool):
        try:
            segments, records = decoder.read(directory / "history")
        except decoder.Wrong as wrong:
            self.failed += 1
            print(f"{directory.name}: not as the document says: {wrong}")
            return
        plain = [{key: value.hex() if isinstance(value, bytes) else value for key, value in record.items()}
                 for record in records]
        written = [json.loads(line) for line in open(directory / "truth.jsonl", encoding="utf-8")]
        self.judge(f"{directory.name}: what was written, and what the decoder reads", written, plain)
        dump = subprocess.run([tool, "dump", "-n", "all", "-o", "jsonl", "--oldest-first", "--jobs", directory / "none",
                               "--state", directory], stdout=subprocess.PIPE, check=True).stdout.decode()
        shown = {2: dumped_execution, 3: dumped_note}
        expected = [shown[record["kind"]](record) for record in records if record["kind"] in shown]
        self.judge(f"{directory.name}: the decoder, and httpcron dump", expected,
                   [json.loads(line) for line in dump.splitlines()])
        kinds = {"sealed": sum(bool(segment.footer) for segment in segments),
                 "covers": sum(segment.is_cover for segment in segments),
                 "grouped": sum(segment.is_grouped for segment in segments)}
        print(f"{directory.name}: {len(segments)} segments ({kinds}), {len(records)} records")


def known_answers():
    """The decoder's own arithmetic, by published values: RFC 3720 B.4, and SipHash's reference vectors."""
    assert checksums.crc32c(bytes(32)) == 0x8A9136AA and checksums.crc32c(b"\xff" * 32) == 0x62A8AB43
    assert checksums.crc32c(bytes(range(32))) == 0x46DD794E
    assert checksums.siphash24(b"", bytes(range(16))) == (0xE6A825BA047F81A3, 0x930255C71472F66D)
    assert checksums.siphash24(b"\0", bytes(range(16))) == (0x44AF996BD8C187DA, 0x45FC229B11597634)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--httpcron", required=True)
    parser.add_argument("samples", type=pathlib.Path)
    options = parser.parse_args()
    known_answers()
    comparison = Comparison()
    for directory in sorted(options.samples.iterdir()):
        comparison.history(directory, options.httpcron)
    print(f"{comparison.passed} passed, {comparison.failed} failed, 0 skipped")
    return 1 if comparison.failed or not comparison.passed else 0


if __name__ == "__main__":
    sys.exit(main())
