import Pipeline
import Registry

/// The project's registry as stages use it: our own answers instead of HTTP's.
struct RegistryAccess: Sendable {
    let work: Work

    init(_ work: Work) {
        self.work = work
    }

    /// A client that signs in as the project says, else as docker would, and says in the stage's log what it waits for.
    func client(_ timing: RegistryTiming = RegistryTiming()) async throws(StageFailure) -> RegistryClient {
        let login = try await work.login()
        let logins = DockerLogins(variables: work.tools.world.variables)
        return RegistryClient(http: work.tools.http, timing: timing, notice: { [log = work.log] in await log.say($0) }) { host in
            if let login { login } else { await logins.login(for: host) }
        }
    }

    /// The image under the order's tag when it is the one that the order would build; nil when there is none.
    ///
    /// - Throws: when the tag is taken by another image: a SHA tag is never moved.
    func existing(_ order: BuildOrder) async throws(StageFailure) -> Image? {
        let name = try imageName(order.name)
        let client = try await client()
        let found: ImageDescription
        do throws(RegistryError) {
            guard let manifest = try await client.manifest(of: name, reference: .tag(order.tag)) else { return nil }
            found = try await client.describe(of: name, digest: manifest.digest)
        } catch {
            throw StageFailure.registry(error)
        }
        guard found.revision == order.tag, found.labels[BuildPerformer.Label.inputs] == order.inputs else {
            throw StageFailure.tagTaken(order, revision: found.revision)
        }
        return Image(service: order.stage, name: order.name, digest: found.digest.description, tag: order.tag)
    }

    /// The images among these that the registry no longer has whole.
    func missing(_ references: some Sequence<String>) async throws(StageFailure) -> [String] {
        let client = try await client()
        let checks = await withTaskGroup(of: (String, Result<Bool, StageFailure>).self) { group in
            // One for each service: a registry takes so many at once.
            for reference in references { group.addTask { (reference, await isWhole(reference, client)) } }
            var checks: [(reference: String, isWhole: Result<Bool, StageFailure>)] = []
            for await check in group { checks.append(check) }
            return checks.sorted { $0.reference < $1.reference }
        }
        var missing: [String] = []
        for check in checks where try !check.isWhole.get() { missing.append(check.reference) }
        return missing
    }

    private func isWhole(_ reference: String, _ client: RegistryClient) async -> Result<Bool, StageFailure> {
        let parts = reference.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2, let digest = try? ImageDigest(parts[1]) else { return .success(false) }
        do throws(StageFailure) {
            let name = try imageName(parts[0])
            do throws(RegistryError) {
                return .success(try await client.missingParts(of: name, digest: digest).isEmpty)
            } catch {
                throw StageFailure.registry(error)
            }
        } catch {
            return .failure(error)
        }
    }

    func imageName(_ text: String) throws(StageFailure) -> ImageName {
        do throws(RegistryError) {
            return try ImageName(text)
        } catch {
            throw StageFailure.registry(error)
        }
    }
}

extension StageFailure {
    static func registry(_ error: RegistryError) -> StageFailure {
        StageFailure("registry-failed", error.description, isPassing: error.passing)
    }

    fileprivate static func tagTaken(_ order: BuildOrder, revision: String?) -> StageFailure {
        StageFailure(
            "tag-taken",
            "\(order.name):\(order.tag) exists and was built from \(revision == order.tag ? "other inputs" : "revision \(revision ?? "unknown")").",
            remedy: "A SHA tag is never moved: make a new commit, or delete the foreign image.")
    }
}
