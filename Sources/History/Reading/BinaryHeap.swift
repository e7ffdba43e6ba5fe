/// Gives the least of its elements first. For merges: replacing the first one costs one descent.
struct BinaryHeap<Element: Comparable> {
    private var elements: [Element] = []

    var first: Element? { elements.first }

    mutating func reserve(_ count: Int) { elements.reserveCapacity(count) }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var place = elements.count - 1
        while place > 0, elements[place] < elements[(place - 1) / 2] {
            elements.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    @discardableResult
    mutating func removeFirst() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty { replaceFirst(with: last) }
        return first
    }

    /// There must be a first one.
    mutating func replaceFirst(with element: Element) {
        elements[0] = element
        var place = 0
        while true {
            var least = place
            let child = 2 * place + 1
            if child < elements.count, elements[child] < elements[least] { least = child }
            if child + 1 < elements.count, elements[child + 1] < elements[least] { least = child + 1 }
            if least == place { return }
            elements.swapAt(place, least)
            place = least
        }
    }
}
