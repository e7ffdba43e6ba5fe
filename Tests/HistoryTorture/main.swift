import Glibc

// Damages histories in every way that a disk, a power cut or a hostile server could, and holds what the readers and
// the daemon's start make of them against what was written. Run by Tests/torture/run.

private let usage = """
    usage: HistoryTorture [--long] [--seed N] [--workers N] SUBCOMMAND

      flips        each bit of a segment flipped: noticed, and all else intact
      truncations  each length
      sectors      each sector and page zeroed, stale, repeated, swapped, or another segment's
      forged       bodies that pretend to be batches, records and segments
      power        what a power cut may leave of every write, sync, rename and removal
      compaction   a compaction killed, and cut off from power, at each of its operations
      sample DIR   writes histories, and what is in them, for Tests/format

    """

private func carryOut(_ options: Options) throws -> Int32 {
    switch options.words.first {
    case "flips": try Flips(options: options).run()
    case "truncations": try Truncations(options: options).run()
    case "sectors": try Sectors(options: options).run()
    case "forged": try Forged(options: options).run()
    case "compaction": try CompactionCrash(options: options).run()
    case "power": try Power(options: options).run()
    case "sample": try Sample(options: options).run()
    default: 2
    }
}

private let options = Options(CommandLine.arguments.dropFirst())
private let code = if let options { try carryOut(options) } else { Int32(2) }
if code == 2 { print(usage) }
exit(code)
