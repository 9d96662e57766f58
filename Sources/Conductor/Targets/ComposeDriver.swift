import Executors
import Pipeline
import Processes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs releases as a compose project on one Docker host.
///
/// A release first proves itself in a project of its own, `PROJECT-candidate`, without the published ports, beside what runs. Only a
/// healthy one is switched in: that takes a few seconds on one host, since a port has one owner. A candidate that fails is removed
/// and nothing else is touched.
struct ComposeDriver: TargetDriver {
    let target: ComposeTarget
    let work: Work

    enum Label {
        static let release = "sh.shipit.release"
        static let lastGood = "sh.shipit.last-good"
    }

    func deploy(_ wanted: Release, lastGood good: Release?) async throws(StageFailure) -> Release {
        let before = try await record()
        guard let before, before.release.isAgain(wanted) else {
            try await deploy(wanted, lastGood: good, over: before.map { ($0.release, $0.lastGood) })
            return wanted
        }
        // An attempt before this one came as far as the switch. With its record as it was, what it has started is not started again.
        try await deploy(before.release, lastGood: before.lastGood, over: before.lastGood.map { ($0, nil) })
        return before.release
    }

    /// A release, and the last good one that is recorded beside it.
    private typealias Former = (release: Release, lastGood: Release?)

    private func deploy(_ release: Release, lastGood: Release?, over before: Former?) async throws(StageFailure) {
        try await Docker.signedIn(work) { docker throws(StageFailure) in
            let values = try await values(of: release)
            let files = try ComposeFiles(release: release, lastGood: lastGood, services: [], isCandidate: true)
            defer { files.remove() }
            let services = try await self.services(docker, files, values)
            try await prove(release, services, values, docker)
            if Task.isCancelled { throw StageFailure("cancelled", "The deployment was ended before the switch.") }
            await work.log.say("switching \(target.project) to release \(release.id)")
            do throws(StageFailure) {
                try await up(release, lastGood: lastGood, services: services, values, docker)
            } catch {
                // Of one that was ended as well: half a switch serves nobody.
                throw await uncancelled { await restored(before, instead: error, docker) }.value
            }
        }
    }

    func record() async throws(StageFailure) -> TargetRecord? {
        let docker = Docker(work: work, configuration: nil)
        let ids = try await containers(of: target.project, docker, ["--filter", "label=\(Label.release)"])
        guard !ids.isEmpty else { return nil }
        let containers = try await inspected(ids, docker)
        let releases = containers.compactMap { $0.labels[Label.release].flatMap(Release.init(record:)) }
        guard let newest = releases.max(by: { $0.at < $1.at }) else { return nil }
        let lastGood = containers.lazy.compactMap { $0.labels[Label.lastGood] }.first.flatMap(Release.init(record:))
        let isWhole = containers.allSatisfy { container in
            container.isHealthy
        }
        return TargetRecord(release: newest, lastGood: lastGood, isWhole: isWhole && releases.allSatisfy { $0.id == newest.id })
    }

    func drift(from record: TargetRecord) async throws(StageFailure) -> [TargetDifference] {
        try await difference(to: record.release, from: record)
    }

    /// Compares by compose's own measure: it makes a container anew when the sum of its configuration is another.
    func difference(to release: Release, from record: TargetRecord?) async throws(StageFailure) -> [TargetDifference] {
        let docker = Docker(work: work, configuration: nil)
        let there = try await inspected(try await containers(of: target.project, docker), docker)
        let now = Dictionary(
            there.compactMap { container in container.service.map { ($0, container.lines) } }, uniquingKeysWith: { $0 + $1 })
        let then = try await lines(of: release, from: record, docker)
        let objects = Set(now.keys).union(then.keys).sorted().compactMap { service -> TargetDifference.Object? in
            let (old, new) = (now[service] ?? [], then[service] ?? [])
            guard old != new else { return nil }
            return TargetDifference.Object(
                name: service, fate: old.isEmpty ? .added : new.isEmpty ? .removed : .changed,
                lines: old.filter { !new.contains($0) }.map { "-\($0)" } + new.filter { !old.contains($0) }.map { "+\($0)" })
        }
        return [TargetDifference(place: target.project, objects: objects, refusal: nil)]
    }

    /// What the containers of each service of a release would be like, with the record that is there.
    private func lines(
        of release: Release, from record: TargetRecord?, _ docker: Docker
    ) async throws(StageFailure) -> [String: [String]] {
        var release = release
        if let written = record?.release {
            (release.id, release.by, release.at, release.committed) = (written.id, written.by, written.at, written.committed)
        }
        let values = try await values(of: release)
        let bare = try ComposeFiles(release: release, lastGood: nil, services: [], isCandidate: false)
        defer { bare.remove() }
        let services = try await self.services(docker, bare, values)
        let files = try ComposeFiles(release: release, lastGood: record?.lastGood, services: services, isCandidate: false)
        defer { files.remove() }
        let config = try await work.read(compose(docker, target.project, files, ["config", "--hash", "*"], values))
        let images = try await work.read(compose(docker, target.project, files, ["config", "--format", "json"], values))
        struct Configuration: Decodable {
            struct Service: Decodable { var image: String? }
            var services: [String: Service]
        }
        guard let known = try? JSONDecoder().decode(Configuration.self, from: Data(images)) else {
            throw StageFailure("docker-unexpected", "docker compose config printed what cannot be read.")
        }
        var lines: [String: [String]] = [:]
        for line in String(decoding: config, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2 else { continue }
            lines[words[0]] = ComposeContainer.lines(image: known.services[words[0]]?.image, sum: words[1], status: "running")
        }
        return lines
    }

    private func inspected(_ ids: [String], _ docker: Docker) async throws(StageFailure) -> [ComposeContainer] {
        guard !ids.isEmpty else { return [] }
        let inspected = try await work.read(docker.command(["inspect", "--type", "container"] + ids))
        guard let containers = try? JSONDecoder().decode([ComposeContainer].self, from: Data(inspected)) else {
            throw StageFailure("docker-unexpected", "docker inspect printed what cannot be read.")
        }
        return containers
    }

    /// The project in which a release proves itself.
    private var candidate: String { "\(target.project)-candidate" }

    func tidy() async {
        let docker = Docker(work: work, configuration: nil)
        guard let left = try? await containers(of: candidate, docker), !left.isEmpty else { return }
        await work.log.say("removing \(candidate), which was left behind")
        // Its file may be of another release by now: it goes by its labels.
        var down = docker.command(["compose", "--project-name", candidate] + Self.down(within: 1))
        down.deadline = Work.tidying.duration
        _ = try? await work.run(down)
    }

    /// Removes a project with all that it brought.
    ///
    /// What goes away again is not news, so that only what went wrong is told.
    private static func down(within seconds: Int) -> [String] {
        ["--progress", "quiet", "down", "--volumes", "--remove-orphans", "--timeout", String(seconds)]
    }

    /// The ids of a project's containers, running or not.
    private func containers(
        of project: String, _ docker: Docker, _ filters: [String] = []
    ) async throws(StageFailure) -> [String] {
        let listed = try await work.read(
            docker.command(["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=\(project)"] + filters))
        return String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Starts a project and waits until it is healthy.
    private var upHealthy: [String] {
        ["up", "--detach", "--wait", "--wait-timeout", waitSeconds, "--no-build", "--remove-orphans"]
    }

    /// Starts the release beside what runs and waits until it is healthy; always removes it again.
    private func prove(_ release: Release, _ services: [String], _ values: [String: String], _ docker: Docker)
        async throws(StageFailure)
    {
        let files = try ComposeFiles(release: release, lastGood: nil, services: services, isCandidate: true)
        defer { files.remove() }
        await work.log.say("proving release \(release.id) as \(candidate)")
        let result: Result<Void, StageFailure>
        do throws(StageFailure) {
            try await docker.run(
                compose(docker, candidate, files, upHealthy, values),
                code: "candidate-failed",
                "Release \(release.id) did not get healthy within \(target.healthyWithin); what ran before still runs")
            result = .success(())
        } catch {
            // Not an afterthought: at 3 a.m. the container's own words are the answer.
            _ = try? await work.run(compose(docker, candidate, files, ["logs", "--no-color", "--tail", "40"], values))
            result = .failure(error)
        }
        // Who was told to end has little time left, and a CI service kills after ten seconds.
        let down = compose(docker, candidate, files, Self.down(within: Task.isCancelled ? 1 : 5), values)
        // A deployment that was ended must leave no candidate behind either.
        await uncancelled { [work] in _ = try? await work.run(down, past: Work.tidying) }.value
        try result.get()
    }

    private func up(
        _ release: Release, lastGood: Release?, services: [String], _ values: [String: String], _ docker: Docker,
        past leftOver: TimeSpan = .seconds(0)
    ) async throws(StageFailure) {
        let files = try ComposeFiles(release: release, lastGood: lastGood, services: services, isCandidate: false)
        defer { files.remove() }
        try await docker.run(
            compose(docker, target.project, files, upHealthy, values), past: leftOver, code: "switch-failed",
            "Release \(release.id) was healthy as a candidate and is not after the switch")
    }

    /// The switch failed: what ran before is switched back in.
    ///
    /// - Returns: the failure, with what became of that.
    private func restored(_ before: Former?, instead failure: StageFailure, _ docker: Docker) async -> StageFailure {
        guard let before else { return failure }
        await work.log.say("switching back to release \(before.release.id)")
        var told = failure.failure
        do throws(StageFailure) {
            let values = try await self.values(of: before.release)
            let files = try ComposeFiles(release: before.release, lastGood: nil, services: [], isCandidate: false)
            defer { files.remove() }
            let services = try await self.services(docker, files, values)
            try await up(
                before.release, lastGood: before.lastGood, services: services, values, docker, past: Work.tidying)
            told.message += "\nRelease \(before.release.id) was switched back in."
        } catch {
            told.message += "\nSwitching back to release \(before.release.id) failed as well: \(error.failure.message)"
            told.remedy = "Look at 'docker compose --project-name \(target.project) ps' on the target now."
        }
        return StageFailure(told)
    }

    /// The services of the release's compose file; they must be those that images were built for, at least.
    private func services(_ docker: Docker, _ files: ComposeFiles, _ values: [String: String]) async throws(StageFailure)
        -> [String]
    {
        let printed = try await work.read(compose(docker, target.project, files, ["config", "--services"], values))
        return String(decoding: printed, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    }

    /// What the compose file may interpolate: the images by digest, and the environment's values with secrets put in.
    private func values(of release: Release) async throws(StageFailure) -> [String: String] {
        var values: [String: String] = [:]
        for (name, value) in release.change.values {
            values[name] = try await work.tools.vault.resolve(value, for: "value \(name) of \(release.change.environment)")
        }
        for (service, reference) in release.change.images {
            values[
                "SHIPIT_IMAGE_\(service.text.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }.map(String.init).joined())"
            ] = reference
        }
        values["SHIPIT_ENVIRONMENT"] = release.change.environment.text
        values["SHIPIT_RELEASE"] = release.id
        values["SHIPIT_COMMIT"] = release.source.commit
        return values
    }

    private func compose(
        _ docker: Docker, _ project: String, _ files: ComposeFiles, _ arguments: [String], _ values: [String: String]
    ) -> Command {
        docker.command(
            ["compose", "--project-name", project, "--project-directory", work.tools.workspace.root] + files.arguments
                + arguments, adding: values)
    }

    private var waitSeconds: String { String(max(1, target.healthyWithin.milliseconds / 1000)) }
}
