internal import Glibc

/// A sentence for whoever started the program, before there is a log or where there is none.
func complain(_ sentence: String) {
    let bytes = Array("httpcrond: \(sentence)\n".utf8)
    // Nobody is left to tell if stderr is gone.
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
