extension TimeSpan {
    /// Reads a span that a person wrote on a command line, in the form of systemd.time(7); nil if it is none.
    package init?(words text: some StringProtocol) {
        do {
            try self.init(systemd: text)
        } catch {
            return nil
        }
    }
}
