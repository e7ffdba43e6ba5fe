#!/usr/bin/env python3
"""Reads a history from what Sources/History/History.docc/Format.md says and from nothing else: no code of the project, and
a CRC32C and a SipHash of its own. Everything that the document says must be so is checked; `decoder.py DIR` prints the
records of a history, oldest first, one JSON object a line, and complains on standard error."""

import json
import pathlib
import re
import struct
import sys
import uuid

from checksums import crc32c, siphash24


class Wrong(Exception):
    """Something is not as the document says."""


def check(holds, words):
    if not holds:
        raise Wrong(words)


class Reader:
    """Takes bytes apart from front to back."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, format):
        size = struct.calcsize("<" + format)
        check(self.at + size <= len(self.data), "a body that is too short")
        (value,) = struct.unpack_from("<" + format, self.data, self.at)
        self.at += size
        return value

    def bytes(self, count):
        check(self.at + count <= len(self.data), "a body that is too short")
        self.at += count
        return self.data[self.at - count:self.at]

    def uuid(self):
        return str(uuid.UUID(bytes=self.bytes(16)))

    def string(self):
        return self.bytes(self.take("H"))


def decode_run(reader):
    run = {"run": reader.uuid(), "scheduled_at": reader.take("q"), "trigger": reader.take("B"), "cause_job": None}
    if reader.take("B") == 1:
        run["cause_execution"] = reader.uuid()
        run["cause_job"] = reader.string()
    return run


def decode_start(reader):
    body = decode_run(reader)
    body["execution"] = reader.uuid()
    body["attempt"] = reader.take("I")
    body["started_at"] = reader.take("q")
    return body


def decode_execution(reader):
    body = decode_run(reader)
    body["execution"] = reader.uuid()
    body["attempt"], body["max_attempts"] = reader.take("I"), reader.take("I")
    for key in ("started_at", "finished_at", "duration"):
        body[key] = reader.take("q")
    body["arrived"] = reader.take("Q")
    present = reader.take("H")

    def has(bit):
        return present >> bit & 1 == 1

    body["next_attempt_at"] = reader.take("q") if has(0) else None
    for key in ("error_code", "error", "detail"):
        body[key] = reader.string() if has(1) else None
    body["http_status"] = reader.take("i") if has(2) else None
    body["body"] = reader.bytes(reader.take("I")) if has(3) else None
    body["truncated"] = has(4)
    for bit, key in enumerate(("dns", "connect", "tls", "first_byte", "total"), 5):
        body[key] = reader.take("q") if has(bit) else None
    body["may_have_left"] = has(10)
    body["remote_address"], body["http_version"] = reader.string(), reader.string()
    return body


def decode_note(reader):
    body = {"reason": reader.take("B")}
    has_run = reader.take("B") == 1
    body["count"], body["first"], body["last"] = reader.take("Q"), reader.take("q"), reader.take("q")
    if has_run:
        body["run"] = reader.uuid()
    body["detail"] = reader.string()
    return body


def decode_state(reader):
    body = {"state": reader.take("B")}
    if body["state"] == 4:
        body.update(decode_run(reader))
        body["attempt"], body["due"] = reader.take("I"), reader.take("q")
    if body["state"] == 5:
        body["since"] = reader.take("q")
        body["until"] = reader.take("q") if reader.take("B") == 1 else None
        body["why"], body["by"] = reader.string(), reader.string()
    if body["state"] == 6:
        body["by"] = reader.string()
    return body


BODIES = {1: decode_start, 2: decode_execution, 3: decode_note, 4: decode_state}


class Segment:
    """One file: its header, its batches, its footer."""

    def __init__(self, name, data):
        self.name = name
        self.data = data
        self.batches = []
        self.records = []
        self.footer = None
        self.read_header()

    def read(self, following):
        """All behind the header; no further than `following`, the next segment, says: behind that lies what was never
        acknowledged, and is written again there."""
        if following and not self.is_cover:
            check(following.predecessor[0] == self.hi, "the next header names another predecessor")
            check(following.predecessor[1] <= len(self.data), "shorter than the next header says")
            self.data = self.data[:following.predecessor[1]]
        self.read_batches()
        if self.footer is not None:
            self.read_footer()
        if following:
            check(following.predecessor == self.chain_end(), "the next header names another end")

    def crc(self, begin, end, taken_at=None):
        at = begin if taken_at is None else taken_at
        return crc32c(struct.pack("<QQ", self.salt, at) + self.data[begin:end])

    def read_header(self):
        header = self.data[:256]
        check(header == self.data[4096:4352], "the copies of the header differ")
        check(not any(self.data[256:4096]) and not any(self.data[4352:8192]), "bytes beside the header are not zero")
        check(header[:8] == b"HTTPCRON", "no HTTPCRON")
        check(crc32c(header[:252]) == struct.unpack_from("<I", header, 252)[0], "the header's CRC")
        major, minor, length = struct.unpack_from("<HHI", header, 8)
        check((major, minor, length) == (1, 1, 256), "version or length of the header")
        self.lo, self.hi, self.salt = struct.unpack_from("<QQQ", header, 16)
        self.history = header[40:56]
        self.made_at, flags, self.first_seq = struct.unpack_from("<qQQ", header, 56)
        self.is_cover, self.is_grouped = flags & 1 == 1, flags & 2 == 2
        check(flags < 4 and (self.is_cover or not self.is_grouped), "unknown flags")
        self.predecessor = struct.unpack_from("<QQQI", header, 80)
        self.own_end = struct.unpack_from("<QQQI", header, 112)
        self.last_seq = struct.unpack_from("<Q", header, 144)[0]
        check(self.is_cover or self.last_seq == 0, "a raw segment's last seq")
        check(header[108:112] == bytes(4) and header[140:144] == bytes(4) and header[152:252] == bytes(100), "reserved bytes of the header")
        proper = f"{self.lo:016x}-{self.hi:016x}.seg" if self.is_cover else f"{self.lo:016x}.seg"
        check(self.name == proper, f"the name should be {proper}")
        check(self.is_cover or (self.lo == self.hi and not any(self.own_end)), "a raw segment's own end")

    def read_batches(self):
        at, previous, number = 8192, 0, 0
        while self.data[at:at + 64].strip(b"\0"):
            check(self.footer is None, "a batch behind the footer")
            head = self.data[at:at + 64]
            marker, crc, length, payload_crc, count, durable, before, written_at, records, kind, flags, reserved, first, \
                last = struct.unpack("<IIIIIIQqIBBHQQ", head)
            number += 1
            check(marker == 0x1A424348, f"no marker at {at}")
            check(crc == self.crc(at + 8, at + 64, at), f"header CRC of the batch at {at}")
            check(payload_crc == self.crc(at + 64, at + 64 + length), f"payload CRC of the batch at {at}")
            check(count == number and durable < number + (1 if self.is_cover else 0), f"numbers of the batch at {at}")
            check(before == previous and reserved == 0 and flags < 2, f"header of the batch at {at}")
            end = at + 64 + (length + 7) // 8 * 8
            check(end <= len(self.data) and not any(self.data[at + 64 + length:end]), f"end of the batch at {at}")
            batch = {"at": at, "end": end, "number": number, "crc": crc, "written_at": written_at, "first": first,
                     "last": last, "length": length, "kind": kind}
            self.batches.append(batch)
            if kind == 1:
                check(length <= 2 << 20, "a batch of records that is too long")
                self.read_records(batch, records)
            elif kind == 2:
                self.footer = batch
            previous, at = at, end
        self.end = at
        check(not any(self.data[at:]), f"something behind the last batch, at {at}")

    def read_records(self, batch, count):
        at, end = batch["at"] + 64, batch["at"] + 64 + batch["length"]
        found = []
        while at < end:
            crc, length, kind, flags, name_length, epoch, seq, recorded_at, previous, cursor, failures, open_runs, schedule \
                = struct.unpack_from("<IIBBHIQqQqIIQ", self.data, at)
            check(64 <= length <= end - at and length % 8 == 0 and flags < 2, f"header of the record at {at}")
            check(crc == self.crc(at + 4, at + length), f"CRC of the record at {at}")
            body = Reader(self.data[at + 64 + name_length:at + length])
            record = {"seq": seq, "kind": kind, "job": self.data[at + 64:at + 64 + name_length],
                      "recorded_at": recorded_at, "cursor": cursor, "epoch": epoch, "failures": failures,
                      "open_runs": open_runs, "schedule": schedule, "paused": flags == 1}
            if kind in BODIES:
                record.update(BODIES[kind](body))
                rest = body.data[body.at:]
                check(len(rest) < 8 and not any(rest), f"bytes behind the record at {at}")
            found.append((at, previous, batch["number"], record))
            at += length
        check(len(found) == count, f"{len(found)} records in the batch at {batch['at']}, not {count}")
        check((found[0][3]["seq"], found[-1][3]["seq"]) == (batch["first"], batch["last"]) or self.is_grouped,
              f"first and last seq of the batch at {batch['at']}")
        self.records += found

    def check_order(self):
        newest = {}
        last = 0
        for at, previous, _, record in self.records:
            check(previous == newest.get(record["job"], (0, 0))[0], f"previous of the record at {at}")
            check(record["seq"] > (newest.get(record["job"], (0, 0))[1] if self.is_grouped else last), f"seq at {at}")
            newest[record["job"]] = (at, record["seq"])
            last = record["seq"]

    def read_footer(self):
        """Everything in the footer follows from the records, but for a cover's summary."""
        self.check_order()
        payload = self.footer["at"] + 64
        first, last, records, entries, written_at, names_length = struct.unpack_from("<QQQQqQ", self.data, payload)
        check(not any(self.data[payload + 48:payload + 64]), "reserved bytes of the summary")
        check((self.footer["first"], self.footer["last"]) == (first, last), "seq in the footer's header")
        check(not self.is_cover or self.last_seq >= last, "a cover's last seq in its header")
        seqs = [record["seq"] for _, _, _, record in self.records]
        check(records == len(seqs), "records in the summary")
        if self.is_grouped:
            check(not seqs or (first <= min(seqs) and max(seqs) <= last), "range of seq in a cover's summary")
        else:
            check((first, last) == ((min(seqs), max(seqs)) if seqs else (0, 0)), "range of seq in the summary")
            writings = [batch["written_at"] for batch in self.batches if batch["kind"] == 1]
            check(not writings or written_at == writings[-1], "time in the summary")
        names_at = payload + 64 + 120 * entries
        trailer = names_at + (names_length + 7) // 8 * 8
        check(trailer + 32 == len(self.data) == self.end, "the trailer does not end the file")
        check(not any(self.data[names_at + names_length:trailer]), "zeros behind the names")
        place, count, length, crc, magic = struct.unpack_from("<QQQII", self.data, trailer)
        check((place, count, length, magic) == (self.footer["at"], entries, names_length, 0x4C414553), "the trailer")
        check(crc == self.crc(trailer, trailer + 24), "the trailer's CRC")
        expected = self.expected_entries()
        check(entries == len(expected), f"{entries} entries for {len(expected)} jobs")
        for index, (entry, name) in enumerate(expected):
            at = payload + 64 + 120 * index
            found = struct.unpack_from("<QQQQQQIIIIqQIIqQIHHII", self.data, at)
            check(found[-1] == self.crc(at, at + 116), f"CRC of the entry at {at}")
            check(found[18] == 0, f"reserved bytes of the entry at {at}")
            begin = names_at + found[16]
            check(self.data[begin:begin + found[17]] == name, f"name of the entry at {at}")
            check(found[:15] == entry[:15], f"entry at {at}: {found[:15]}, and by the records {entry[:15]}")
            check(found[15] & 5 == entry[15], f"flags of the entry at {at}")
            check(not found[15] & 2 or found[19] == entry[16], f"number of other records in the entry at {at}")

    def expected_entries(self):
        jobs = {}
        for at, _, _, record in self.records:
            jobs.setdefault(record["job"], []).append((at, record))
        entries = []
        for job, found in jobs.items():
            executions = [(at, record) for at, record in found if record["kind"] == 2]
            good = [at for at, record in executions if record["error_code"] is None]
            newest = found[-1][1]
            last = executions[-1] if executions else (0, {"finished_at": 0, "error_code": b""})
            entries.append(((siphash24(job)[1], found[-1][0], found[0][0], last[0], good[-1] if good else 0, newest["seq"],
                             len(found), len(executions), len(good), newest["epoch"], newest["cursor"],
                             newest["schedule"], newest["failures"], newest["open_runs"], last[1]["finished_at"],
                             (1 if last[1]["error_code"] is None else 0) | (4 if newest["paused"] else 0),
                             sum(record["kind"] not in (1, 2) for _, record in found)), job))
        return sorted(entries, key=lambda entry: (entry[0][0], entry[1]))

    def chain_end(self):
        """Where the chain stands behind this segment by what is in it."""
        if self.is_cover:
            return self.own_end
        if not self.batches:
            return (self.hi, 8192, 0, 0)
        last = self.batches[-1]
        return (self.hi, last["end"], last["number"], last["crc"])


RAW = re.compile(r"^([0-9a-f]{16})\.seg$")
COVER = re.compile(r"^([0-9a-f]{16})-([0-9a-f]{16})\.seg$")


def read(directory):
    """The segments of an undamaged history that count, oldest first, and their records by seq."""
    names = [path.name for path in pathlib.Path(directory).iterdir()]
    ranges = {}
    for name in names:
        if found := RAW.match(name):
            ranges[name] = (int(found[1], 16), int(found[1], 16))
        elif found := COVER.match(name):
            ranges[name] = (int(found[1], 16), int(found[2], 16))
    covers = [name for name in ranges if COVER.match(name)]
    counted = [name for name, (lo, hi) in ranges.items()
               if not any(cover != name and ranges[cover][0] <= lo and hi <= ranges[cover][1] for cover in covers)]
    segments = []
    for name in sorted(counted, key=lambda name: ranges[name]):
        try:
            segments.append(Segment(name, (pathlib.Path(directory) / name).read_bytes()))
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from None
    records = []
    for segment, following in zip(segments, segments[1:] + [None]):
        try:
            if following:
                check(segment.history == following.history, "another history's segment follows")
                check(following.lo == segment.hi + 1, f"{following.name} does not follow")
            segment.read(following)
        except Wrong as wrong:
            raise Wrong(f"{segment.name}: {wrong}") from None
        records += [record for _, _, _, record in segment.records]
    records.sort(key=lambda record: record["seq"])
    check(len({record["seq"] for record in records}) == len(records), "a seq is there twice")
    return segments, records


def main():
    try:
        _, records = read(sys.argv[1])
    except Wrong as wrong:
        sys.exit(f"decoder: {wrong}")
    for record in records:
        print(json.dumps({key: value.hex() if isinstance(value, bytes) else value for key, value in record.items()}))


if __name__ == "__main__":
    main()
