internal import CronCore
internal import CurlTransport

extension Daemon {
    /// Renders the request and hands it to the transport; by way of the reader if it needs files.
    func begin(_ attempt: Attempt) {
        guard attempt.job.request.needsFiles else { return render(attempt, RequestMaterials()) }
        awaitingMaterials[attempt.key] = attempt
        reader.readMaterials(for: attempt)
    }

    /// The reader has what the request needs, or cannot have it.
    func materialsCame(_ key: AttemptKey, _ materials: Result<RequestMaterials, RequestError>) {
        // Gone if it was cancelled meanwhile.
        guard let attempt = awaitingMaterials.removeValue(forKey: key) else { return }
        switch materials {
        case .success(let materials): render(attempt, materials)
        case .failure(let error): refuse(attempt, error)
        }
    }

    private func render(_ attempt: Attempt, _ materials: RequestMaterials) {
        switch renderer.render(attempt, materials) {
        case .success(let request): transport.start(request, key: attempt.key, startedAt: attempt.startedAt.boot)
        case .failure(let error): refuse(attempt, error)
        }
    }

    /// The request cannot be made: an attempt that failed, as any other.
    private func refuse(_ attempt: Attempt, _ error: RequestError) {
        let result = TransferResult(response: Response(failure: error.failure), finishedAt: SystemClock.now().boot)
        handle(.attemptFinished(attempt.key, result))
    }

    func cancel(_ key: AttemptKey) {
        if sends.remove(key) || awaitingMaterials.removeValue(forKey: key) != nil { return }
        transport.cancel(key)
    }
}
