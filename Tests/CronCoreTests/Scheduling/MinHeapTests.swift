import CronCore
import Testing

@Suite struct MinHeapTests {
    @Test func `entries come out by key, and equal keys by slot`() {
        var heap = MinHeap<Timestamp>()
        for slot in [5, 3, 9, 1] as [Int32] { heap.set(slot, to: noon) }
        heap.set(7, to: .noon(-1))
        var order: [Int32] = []
        while let entry = heap.popFirst() { order.append(entry.slot) }
        #expect(order == [7, 1, 3, 5, 9])
        #expect(heap.isEmpty)
    }

    /// Beside a dictionary that is searched.
    @Test func `after any moves and removals it agrees with the plainest model`() {
        var random = RandomSource(seed: 11)
        var heap = MinHeap<Instant>()
        var model: [Int32: Int64] = [:]
        for step in 0..<20_000 {
            let slot = Int32.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let key = Int64.random(in: 0..<100, using: &random)
                heap.set(slot, to: Instant(microseconds: key))
                model[slot] = key
            case 6..<8:
                heap.remove(slot)
                model[slot] = nil
            default:
                let least = model.min { ($0.value, $0.key) < ($1.value, $1.key) }
                let popped = heap.popFirst()
                #expect(popped?.slot == least?.key)
                #expect(popped?.key.microseconds == least?.value)
                if let least { model[least.key] = nil }
            }
            #expect(heap.count == model.count)
            #expect(heap.key(of: slot)?.microseconds == model[slot])
            let besides = heap.first?.slot ?? slot
            let second = model.filter { $0.key != besides }.min { ($0.value, $0.key) < ($1.value, $1.key) }
            #expect(heap.first(besides: besides)?.slot == second?.key)
            if step % 100 == 0 { #expect(heap.brokenInvariant == nil) }
        }
    }
}
