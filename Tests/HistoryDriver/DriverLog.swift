internal import CronCore
internal import Glibc

/// What the runs of `write` said, one after the other: what a check holds the history to.
struct DriverLog {
    /// Each run of the program that opened the history, and the first `seq` it could give.
    private(set) var runs: [(number: Int, next: SequenceNumber)] = []
    /// The last one that was acknowledged.
    var acknowledged: SequenceNumber { ranges.last { !$0.isEmpty }?.upperBound.advanced(by: -1) ?? 0 }
    /// What each run had acknowledged.
    private var ranges: [Range<SequenceNumber>] = []
    /// Nothing behind this was ever handed to the writer.
    private(set) var appended: SequenceNumber = 0
    /// What compactions may have touched.
    private(set) var compacted: SequenceNumber = 0

    init(file: String) throws(DriverError) {
        guard let stream = fopen(file, "r") else { throw DriverError("\(file) cannot be read") }
        defer { fclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            text += buffer[..<count]
        }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            take(String(decoding: line, as: UTF8.self).split(separator: " "))
        }
    }

    private mutating func take(_ words: [Substring]) {
        let numbers = words.dropFirst().map { UInt64($0) ?? 0 }
        switch (words.first, numbers.count) {
        case ("open", 2):
            runs.append((Int(numbers[0]), numbers[1]))
            ranges.append(numbers[1]..<numbers[1])
        case ("append", 2): appended = max(appended, numbers[1])
        case ("ack", 1):
            guard let last = ranges.last, numbers[0] >= last.lowerBound else { return }
            ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, numbers[0] + 1)
        case ("compact", 2): compacted = max(compacted, numbers[1])
        default: break
        }
    }

    /// Whether the run that wrote it had it acknowledged. What it wrote last need not be there, and if another segment
    /// had begun meanwhile, its number is not given again.
    func isAcknowledged(_ sequence: SequenceNumber) -> Bool {
        ranges.last { $0.lowerBound <= sequence }?.contains(sequence) ?? false
    }

    /// The run that wrote `sequence`: the last one that could.
    func run(of sequence: SequenceNumber) -> Int {
        runs.last { $0.next <= sequence }?.number ?? 0
    }
}
