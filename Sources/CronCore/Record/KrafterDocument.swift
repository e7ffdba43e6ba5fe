/// The hosted service's document, `{"data":[…]}`, written execution by execution.
package struct KrafterDocument {
    private let style: Style
    private var isEmpty = true

    package enum Style: Sendable {
        /// Without a blank, for the API.
        case compact
        /// As the service's pages print it: two blanks a level.
        case pretty

        func key(_ key: StaticString, isFirst: Bool = false, to output: inout [UInt8]) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            if self == .pretty { JSONWriter.literal("\n      ", to: &output) }
            JSONWriter.literal(key, to: &output)
            if self == .pretty { output.append(UInt8(ascii: " ")) }
        }
    }

    package init(style: Style) {
        self.style = style
    }

    package func begin(to output: inout [UInt8]) {
        JSONWriter.literal(style == .pretty ? "{\n  \"data\": [" : "{\"data\":[", to: &output)
    }

    package mutating func append(_ execution: Execution, to output: inout [UInt8]) {
        if !isEmpty { output.append(UInt8(ascii: ",")) }
        isEmpty = false
        JSONWriter.literal(style == .pretty ? "\n    {" : "{", to: &output)
        execution.appendKrafterFields(to: &output, style: style)
        JSONWriter.literal(style == .pretty ? "\n    }" : "}", to: &output)
    }

    /// The pretty one ends its last line.
    package func end(to output: inout [UInt8]) {
        switch style {
        case .compact: JSONWriter.literal("]}", to: &output)
        case .pretty: JSONWriter.literal(isEmpty ? "]\n}\n" : "\n  ]\n}\n", to: &output)
        }
    }
}
