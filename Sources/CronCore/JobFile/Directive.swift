/// A key of a file: where it stands, what it takes, and what it sets in `Target`. The diagnostics are made from it, and
/// so can a reference be.
package struct Directive<Target>: Sendable {
    package let section: String
    package let key: String
    /// What is accepted, as the object of a sentence: `a time span such as 30s`.
    package let accepts: String
    /// The default as one would write it; empty: none.
    package let fallback: String
    /// Whether each assignment adds to those before it.
    package let isRepeatable: Bool
    /// Whether the value may hold a secret, so that no message shows it.
    let isSecret: Bool
    let assign: @Sendable (inout Target, UnitFile.Assignment) throws(BadValue) -> Void
    let reset: @Sendable (inout Target) -> Void
    /// Where the value in force was set; nil: it is the built-in one.
    let place: @Sendable (Target) -> UnitFile.Assignment.Origin?
}

/// A value with where it comes from. Two are equal if they say the same, wherever that is written.
struct Setting<Value: Sendable & Equatable>: Sendable, Equatable {
    var value: Value
    /// nil: the built-in default.
    var origin: UnitFile.Assignment.Origin?

    init(_ value: Value) {
        self.value = value
    }

    var isSet: Bool { origin != nil }

    static func == (left: Setting, right: Setting) -> Bool {
        left.value == right.value && left.isSet == right.isSet
    }
}

extension UnitFile.Assignment {
    /// Where a value was set, and whether by `[Defaults]`.
    struct Origin: Hashable, Sendable {
        var place: Place
        var isDefault: Bool
    }

    var origin: Origin { Origin(place: place, isDefault: isDefault) }
}

/// Why a value was not accepted, as the end of a sentence; empty: the general description says it all.
struct BadValue: Error, Hashable {
    var reason: String

    init(_ reason: String = "") {
        self.reason = reason
    }
}

/// A type whose initial value holds the built-in defaults.
protocol Draft: Sendable {
    init()
}

extension Directive where Target: Draft {
    /// A key of which the last assignment counts.
    static func one<Value: Sendable & Equatable>(
        _ section: String, _ key: String, _ path: any WritableKeyPath<Target, Setting<Value>> & Sendable,
        accepts: String, fallback: String = "", isSecret: Bool = false,
        _ parse: @escaping @Sendable (String) throws(BadValue) -> Value
    ) -> Directive {
        Directive(
            section: section, key: key, accepts: accepts, fallback: fallback, isRepeatable: false, isSecret: isSecret,
            assign: { (target, assignment) throws(BadValue) in
                target[keyPath: path].value = try parse(assignment.value)
                target[keyPath: path].origin = assignment.origin
            },
            reset: { $0[keyPath: path] = Target()[keyPath: path] },
            place: { $0[keyPath: path].origin })
    }

    /// The same for a value that there may be none of.
    static func optional<Value: Sendable & Equatable>(
        _ section: String, _ key: String, _ path: any WritableKeyPath<Target, Setting<Value?>> & Sendable,
        accepts: String, fallback: String = "", isSecret: Bool = false,
        _ parse: @escaping @Sendable (String) throws(BadValue) -> Value
    ) -> Directive {
        one(section, key, path, accepts: accepts, fallback: fallback, isSecret: isSecret) {
            (text) throws(BadValue) in try parse(text)
        }
    }

    /// A key that may stand many times, each adding one value; a job's own replace those of `[Defaults]`.
    static func many<Value: Sendable & Equatable>(
        _ section: String, _ key: String, _ path: any WritableKeyPath<Target, Setting<[Value]>> & Sendable,
        accepts: String, isSecret: Bool = false, _ parse: @escaping @Sendable (String) throws(BadValue) -> Value
    ) -> Directive {
        Directive(
            section: section, key: key, accepts: accepts, fallback: "", isRepeatable: true, isSecret: isSecret,
            assign: { (target, assignment) throws(BadValue) in
                let value = try parse(assignment.value)
                if target[keyPath: path].origin?.isDefault == true, !assignment.isDefault {
                    target[keyPath: path].value = []
                }
                target[keyPath: path].value.append(value)
                target[keyPath: path].origin = assignment.origin
            },
            reset: { $0[keyPath: path] = Target()[keyPath: path] },
            place: { $0[keyPath: path].origin })
    }
}
