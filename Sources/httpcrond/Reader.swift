internal import Configuration
internal import CronCore
internal import HTTPServer
internal import Threads

/// The thread that reads what the operator wrote: job files, settings, credentials, body files, time zones. A scan of
/// ten thousand files, or a file on a disk that hangs, must not hold up a call.
final class Reader: Sendable {
    enum Answer: Sendable {
        case scanned(Scan)
        /// The job directory as a whole cannot be used: what is loaded stays.
        case directoryRefused(Diagnostic)
        /// The settings file is in error: what is loaded stays.
        case settingsRefused([Diagnostic])
        case materials(AttemptKey, Result<RequestMaterials, RequestError>)
        /// The job files as they were read; nil: no look at them has succeeded yet.
        case jobFiles(JobScan.Memory?)
        /// The system's time zone data was replaced.
        case zonesChanged
        /// What a client of the API gets to read.
        case response(ClientID, ServerResponse)
        /// The client may have done what it asks for.
        case granted(APIQuery)
        /// Lines of `api-tokens` that grant nothing.
        case tokenMistakes([String])
    }

    /// What a look at the settings and the job files found.
    struct Scan: Sendable {
        var settings: DaemonSettings
        /// Of the settings.
        var warnings: [Diagnostic]
        var jobs: JobScan
    }

    private enum Request: Sendable {
        case scan
        case materials(AttemptKey, Job)
        case jobFiles
        case checkZones
        case question(Question)
        case giveBackMemory
        case close
    }

    /// What a client of the API wants to know. Many may ask much at once, so whatever a call or a reload waits for goes
    /// before the next one.
    private enum Question: Sendable {
        case query(APIQuery, isLocal: Bool)
        case render(MetricsSnapshot, ClientID)
    }

    private let requests = Mailbox<Request>()
    private let answers = Mailbox<Answer>()
    private let thread: OSThread

    init(options: Options, settings: DaemonSettings) throws(ThreadError) {
        let (requests, answers) = (requests, answers)
        thread = try OSThread(name: "reader") {
            var desk = ReaderDesk(options: options, settings: settings)
            var questions: ArraySlice<Question> = []
            while true {
                for request in questions.isEmpty ? requests.wait() : requests.take() {
                    switch request {
                    case .scan: answers.post(desk.scan())
                    case .materials(let key, let job): answers.post(.materials(key, desk.materials(for: job)))
                    case .jobFiles: answers.post(.jobFiles(desk.jobFiles))
                    case .question(let question): questions.append(question)
                    case .checkZones: if desk.zonesChanged { answers.post(.zonesChanged) }
                    case .giveBackMemory: ProcessMemory.giveBack()
                    case .close: return
                    }
                }
                switch questions.popFirst() {
                case .query(let query, let isLocal):
                    for answer in desk.answers(query, isLocal: isLocal) { answers.post(answer) }
                case .render(let snapshot, let client): answers.post(.response(client, desk.metrics(snapshot)))
                case nil: break
                }
            }
        }
    }

    /// Rung when there are answers to take.
    var bell: Bell { answers.bell }

    func takeAnswers() -> [Answer] { answers.take() }

    /// Reads the settings and every job file that changed; `.scanned` follows, or a refusal.
    func scan() { requests.post(.scan) }

    /// Reads what the job's request needs from files; `.materials` follows.
    func readMaterials(for attempt: Attempt) { requests.post(.materials(attempt.key, attempt.job)) }

    /// Hands out the job files as they were read last; `.jobFiles` follows.
    func giveJobFiles() { requests.post(.jobFiles) }

    /// Looks whether the time zone data was replaced; `.zonesChanged` follows if so.
    func checkZones() { requests.post(.checkZones) }

    /// Answers a request to the API, or says that it may be carried out: `.response` or `.granted` follows. `isLocal`: the
    /// kernel has vouched for who asks; else a token must.
    func ask(_ query: APIQuery, isLocal: Bool) {
        requests.post(.question(.query(query, isLocal: isLocal)))
    }

    /// Writes a page of metrics; `.response` follows.
    func render(_ snapshot: MetricsSnapshot, for client: ClientID) {
        requests.post(.question(.render(snapshot, client)))
    }

    /// Gives back what reading the job files took.
    func giveBackMemory() { requests.post(.giveBackMemory) }

    func close() {
        requests.post(.close)
        thread.join()
    }
}
