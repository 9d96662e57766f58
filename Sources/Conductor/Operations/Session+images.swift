import Git
import Pipeline
import Records
import Registry

extension Session {
    /// The images that the registry has of services, those of the newest commits first.
    ///
    /// Asks for the list of tags, page by page, and then only for the images that are shown.
    /// - Parameters:
    ///   - service: one service only; nil for all.
    ///   - limit: how many commits' images are shown of each.
    public func images(of service: String?, limit: Int) async throws(Refusal) -> [ServiceImages] {
        let project = try await project(at: workTree)
        let names = try services(named: service, in: project)
        var held: [Held] = []
        for environment in project.environments.keys.sorted() {
            let record = try await record(of: environment)
            let good = try await ledger { () async throws(LedgerError) in try await ledger.lastGood(of: record) }
            if let current = record.state.current?.release { held.append(Held(environment, current, isRunning: true)) }
            if let good { held.append(Held(environment, good, isRunning: false)) }
        }
        // What is asked belongs to no run: there is nothing to plan.
        let plan = Plan(pipeline: project.pipeline, project: project, source: workTree, stages: [])
        let access = RegistryAccess(effects.work(for: plan))
        var all: [ServiceImages] = []
        for name in names {
            do throws(StageFailure) {
                all.append(try await list(name, called: project.image(of: name), held, access, limit: limit))
            } catch {
                throw Refusal(error)
            }
        }
        return all
    }

    private func services(named text: String?, in project: Project) throws(Refusal) -> [ServiceName] {
        guard let text else { return project.services.keys.sorted() }
        guard let name = ServiceName(text), project.services[name] != nil else {
            throw Refusal(
                .badInput, "There is no service '\(text)'.",
                remedy: "There are: \(project.services.keys.sorted().map(\.text).joined(separator: ", ")).")
        }
        return [name]
    }

    /// A release that an environment runs or would go back to.
    private struct Held {
        var environment: EnvironmentName
        var release: Release
        var isRunning: Bool

        init(_ environment: EnvironmentName, _ release: Release, isRunning: Bool) {
            self.environment = environment
            self.release = release
            self.isRunning = isRunning
        }

        func digest(of service: ServiceName) -> String? {
            release.change.images[service]?.split(separator: "@").last.map(String.init)
        }
    }

    private func list(
        _ service: ServiceName, called text: String, _ held: [Held], _ access: RegistryAccess, limit: Int
    ) async throws(StageFailure) -> ServiceImages {
        let name = try access.imageName(text)
        let client = try await access.client()
        let tags = try await access.tags(of: name, client)
        let known = await history(tags)
        let wanted = known.prefix(limit).map(\.tag)
        let shown = Set(wanted + held.map(\.release.source.tag)).intersection(tags)
        let digests = try await access.digests(of: shown.sorted() + (tags.contains("latest") ? ["latest"] : []), in: name, client)
        let commits = Dictionary(known.map { ($0.tag, $0.commit) }, uniquingKeysWith: { first, _ in first })
        let order = known.map(\.tag) + tags.filter { commits[$0] == nil }
        var images = order.filter(shown.contains).compactMap { tag in
            digests[tag].map { digest in
                let commit = commits[tag] ?? nil
                return ServiceImages.Entry(
                    tag: tag, digest: digest, isLatest: digests["latest"] == digest, subject: commit?.subject,
                    committed: commit.map { $0.time * 1000 })
            }
        }
        var strays: [ServiceImages.Stray] = []
        for holder in held {
            guard let digest = holder.digest(of: service) else { continue }
            let same = images.indices.filter { images[$0].digest == digest }
            guard let place = same.first(where: { images[$0].tag == holder.release.source.tag }) ?? same.first else {
                let isThere = try await access.exists(digest, in: name, client)
                strays.append(
                    .init(environment: holder.environment, digest: digest, isRunning: holder.isRunning, isThere: isThere))
                continue
            }
            if holder.isRunning {
                images[place].running.append(holder.environment)
            } else {
                images[place].lastGood.append(holder.environment)
            }
        }
        return ServiceImages(
            service: service, name: text, latest: digests["latest"], commits: known.count, images: images, strays: strays)
    }

    /// The tags that are commits, the newest first; those that are not in this clone come last.
    private func history(_ tags: [String]) async -> [(tag: String, commit: Commit?)] {
        var here: [Commit] = []
        var elsewhere: [String] = []
        let repository = try? workspace.repository
        for tag in tags {
            guard let id = try? CommitID(tag) else { continue }
            if let commit = try? await repository?.commit(id) { here.append(commit) } else { elsewhere.append(tag) }
        }
        here.sort { ($0.time, $0.id.hex) > ($1.time, $1.id.hex) }
        // Of the same second, as scripts commit, the descendants come first.
        var ordered: [Commit] = []
        for commit in here {
            var place = ordered.endIndex
            for index in ordered.indices.reversed() {
                guard ordered[index].time == commit.time else { break }
                if case .yes? = try? await repository?.isAncestor(ordered[index].id, of: commit.id) { place = index }
            }
            ordered.insert(commit, at: place)
        }
        return ordered.map { ($0.id.hex, $0) } + elsewhere.map { ($0, nil) }
    }
}

extension RegistryAccess {
    /// How many images are asked for at once: registries count requests.
    private static let width = 6

    /// Every tag; none where nothing was pushed yet.
    fileprivate func tags(of name: ImageName, _ client: RegistryClient) async throws(StageFailure) -> [String] {
        do throws(RegistryError) {
            return try await client.tags(of: name)
        } catch {
            if error.code == .notFound { return [] }
            throw StageFailure.registry(error)
        }
    }

    /// Whether the registry has an image of this digest, whatever tags it has.
    fileprivate func exists(_ digest: String, in name: ImageName, _ client: RegistryClient) async throws(StageFailure) -> Bool {
        do throws(RegistryError) {
            return try await client.exists(try ImageDigest(digest), of: name)
        } catch {
            throw StageFailure.registry(error)
        }
    }

    /// The digest of each tag that is there.
    fileprivate func digests(
        of tags: [String], in name: ImageName, _ client: RegistryClient
    ) async throws(StageFailure) -> [String: String] {
        let found = await withTaskGroup(of: Result<(String, String?), RegistryError>.self) { group in
            var rest = tags[...]
            func startOne() {
                guard let tag = rest.popFirst() else { return }
                group.addTask {
                    do throws(RegistryError) {
                        return .success((tag, try await client.manifest(of: name, reference: .tag(tag))?.digest.description))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<Self.width { startOne() }
            var found: [Result<(String, String?), RegistryError>] = []
            for await result in group {
                found.append(result)
                if case .failure = result { rest = [] }
                startOne()
            }
            return found
        }
        var digests: [String: String] = [:]
        do throws(RegistryError) {
            for result in found {
                let (tag, digest) = try result.get()
                digests[tag] = digest
            }
        } catch {
            throw StageFailure.registry(error)
        }
        return digests
    }
}
