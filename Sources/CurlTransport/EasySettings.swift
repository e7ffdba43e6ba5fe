internal import CCurl

/// Sets options of one easy handle, and remembers the first that libcurl refused. curl_easy_setopt(3).
struct EasySettings {
    let easy: UnsafeMutableRawPointer
    private(set) var error = HTTPCRON_CURLE_OK

    init(easy: UnsafeMutableRawPointer) {
        self.easy = easy
    }

    mutating func set(_ option: UInt32, long value: Int) {
        note(httpcron_curl_set_long(easy, option, value))
    }

    mutating func set(_ option: UInt32, flag value: Bool) {
        note(httpcron_curl_set_long(easy, option, value ? 1 : 0))
    }

    mutating func set(_ option: UInt32, offset value: Int64) {
        note(httpcron_curl_set_offset(easy, option, value))
    }

    /// libcurl copies the text; nil unsets it.
    mutating func set(_ option: UInt32, text: String?) {
        note(httpcron_curl_set_string(easy, option, text))
    }

    /// libcurl keeps the pointer.
    mutating func set(_ option: UInt32, pointer: UnsafeRawPointer?) {
        note(httpcron_curl_set_pointer(easy, option, pointer))
    }

    mutating func set(_ option: UInt32, callback: httpcron_curl_write_callback?) {
        note(httpcron_curl_set_write_callback(easy, option, callback))
    }

    mutating func setOpenSocket(_ callback: httpcron_curl_open_callback?) {
        note(httpcron_curl_set_open_callback(easy, callback))
    }

    private mutating func note(_ code: UInt32) {
        if error == HTTPCRON_CURLE_OK { error = code }
    }
}
