/// The kinds of line in the log. Each has a message id for the journal (systemd.journal-fields(7)), explained to
/// `journalctl -x` by `systemd/httpcron.catalog`; an id once given is never used for anything else.
enum LogKind: Sendable, CaseIterable {
    case succeeded
    case willRetry
    case runFailed
    case failing
    case recovered
    case redirectNotFollowed
    case noted
    case clockStepped
    case clockCorrected
    case triggerTargetMissing
    case holdingForClock
    case ready
    case stopping
    case stopped
    case reloaded
    case jobFileRefused
    case jobFileWarning
    case diskRefuses
    case diskTakes
    case historyRecovered
    case historyDamaged
    case compacted
    case compactingEarly
    case compactionFailed
    case historyTooLarge
    case omitted
    case zoneDataChanged
    case runRequested
    case paused
    case resumed
    case apiTokens
    case apiListens

    var messageID: String {
        switch self {
        case .succeeded: "6c2d261b2d1f4851a8734ab6b2a27627"
        case .willRetry: "3ec85ca8e5d14beea7e68799041b76a6"
        case .runFailed: "97f6543291ff4318997e40f420f8044a"
        case .failing: "b112ba868b374dcf8ac84327736cef70"
        case .recovered: "65c588f8f60041a1a9955a59ad0ebeeb"
        case .redirectNotFollowed: "835a06c8cb274767bdae2e73ad2efc2f"
        case .noted: "3646cd0b79d2499896cce00c2e137f03"
        case .clockStepped: "ef4816bb97014a0eab35891624dcce58"
        case .clockCorrected: "dece0a8517af4b778e0889996db11cc2"
        case .triggerTargetMissing: "cb04bd15e26f42e885653d761cdf7dd2"
        case .holdingForClock: "248660315ce44224b8ce9d0fe19019af"
        case .ready: "a3ea367450734fe499145ca1469cac9c"
        case .stopping: "f3bf03391a2d4ffcb2523d2ad73c0680"
        case .stopped: "15fde108e826417aabb47148ff249280"
        case .reloaded: "b9783281809b45eda6e67d2fdbf92d55"
        case .jobFileRefused: "95874c5a12754fb5b0462d384f4aa0b1"
        case .jobFileWarning: "43d722c276834cc7b32c8b6d8537a1ee"
        case .diskRefuses: "9608b528514b4de9872eb1c608cee9da"
        case .diskTakes: "8d3cac4ae0674861847f2e7dc62e1539"
        case .historyRecovered: "cae0639103794a0d8444b4d78a8c9d48"
        case .historyDamaged: "10638767e47b4738b8b57451bc8e7718"
        case .compacted: "bb1f5e1ac18344c597bcf9ddb1de4ea1"
        case .compactingEarly: "1c21fd27bfc34d0c9460a7c0206f99c5"
        case .compactionFailed: "c6f90aaa8bcf4a409044ec2183c9baca"
        case .historyTooLarge: "f17e7d7d339a4652b36ddb27a49547a0"
        case .runRequested: "00a592bff34146479dd6ddeb97890253"
        case .paused: "4e1b7a9774304db0b3f7eaa418b1ae5b"
        case .resumed: "43d0ac5b72944ef7ad5ad661ec47066d"
        case .apiTokens: "3e5216180a794a3195a382ede4e8b8a4"
        case .apiListens: "3fed52cb6f7742b0b0aa1a4cae4d0129"
        case .omitted: "168768d6d3914ffdaa71dfab6f2e65d7"
        case .zoneDataChanged: "d4c5c8a21c2348429ab3549128668c23"
        }
    }
}
