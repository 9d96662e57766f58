import HTTP
import Pipeline
import Postgres
import Registry

/// Looks at what a project names beside programs: its registry, databases and clusters.
struct ProjectProbe: Sendable {
    let work: Work
    private static let patience = Duration.seconds(4)

    /// Whether the registry is there, knows us and lets us push.
    func registry() async -> Finding {
        let host = work.registryHost
        guard let service = work.project.services.keys.min() else { return Finding("registry", .fine, "nothing is built") }
        let image = work.project.image(of: service)
        do throws(StageFailure) {
            let access = RegistryAccess(work)
            // Once is enough, and soon: whoever asks sits before it.
            let client = try await access.client(RegistryTiming(attempts: 1, deadline: Self.patience))
            let name = try access.imageName(image)
            do throws(RegistryError) {
                try await client.requirePush(to: name)
                return Finding("registry", .fine, "\(host) takes pushes to \(name.repository)")
            } catch {
                let isRefusal = error.code == .unauthorized || error.code == .denied
                return Finding(
                    "registry", .missing, error.description,
                    remedy: isRefusal
                        ? await loginRemedy(host, for: name)
                        : "Correct 'registry' in \(Workspace.projectFile), or see whether \(host) is up.")
            }
        } catch {
            return Finding("registry", error)
        }
    }

    private func loginRemedy(_ host: String, for image: ImageName) async -> String {
        guard work.project.credentials == nil else {
            return "Correct what 'credentials' in \(Workspace.projectFile) refers to: it must be allowed to write \(image)."
        }
        let isKnown = await DockerLogins(variables: work.tools.world.variables).login(for: host) != nil
        return (isKnown ? "docker's login for \(host) will not do" : "docker has no login for \(host)") + ": docker login \(host)"
    }

    /// Whether what an environment's values and checks refer to can be had.
    func secrets(of name: EnvironmentName, _ environment: Environment) async -> Finding {
        let subject = "values of \(name)"
        let values = environment.values.sorted { $0.key < $1.key }.map { ("value \($0.key)", $0.value) }
        let headers = environment.checks.flatMap { check in check.headers.map { ("header \($0.key) of \(check.url)", $0.value) } }
        var problems: [String] = []
        for (use, value) in values + headers {
            do throws(StageFailure) {
                _ = try await work.tools.vault.resolve(value, for: use)
            } catch {
                problems.append(error.failure.message)
            }
        }
        guard !problems.isEmpty else { return Finding(subject, .fine, "\(values.count + headers.count) can be had") }
        return Finding(
            subject, .missing, problems.joined(separator: " "),
            remedy: "Set what is missing, where a deploy to \(name) is run from.")
    }

    /// Whether whom the project names can be told: what they are reached by can be had; nothing is sent.
    func notifications() async -> Finding {
        let recipients = work.project.notifications ?? []
        var problems: [String] = []
        for (index, recipient) in recipients.enumerated() {
            do throws(StageFailure) {
                try await Delivery(tools: work.tools, project: work.project, number: index + 1, recipient: recipient).check()
            } catch {
                problems.append(error.failure.message)
            }
        }
        guard !problems.isEmpty else { return Finding("notifications", .fine, "\(recipients.count) can be sent") }
        return Finding(
            "notifications", .doubtful, problems.joined(separator: " "),
            remedy: "Set what is missing, where runs are driven from: they go on all the same, and nobody is told.")
    }

    /// Whether an environment's database is there, lets us in and can be migrated.
    func database(_ database: Database, of name: EnvironmentName) async -> Finding {
        let subject = "database of \(name)"
        do throws(StageFailure) {
            let address = try await work.tools.vault.resolve(database.url, for: "the database of \(name)")
            do throws(PostgresError) {
                let url = try DatabaseURL(address)
                let connection = try await Connection(url, applicationName: "shipit doctor", connectTimeout: Self.patience)
                let result: Result<Finding, PostgresError>
                do throws(PostgresError) {
                    result = .success(try await look(at: connection, url, subject))
                } catch {
                    result = .failure(error)
                }
                await connection.close()
                return try result.get()
            } catch {
                throw StageFailure.database(error, of: name)
            }
        } catch {
            return Finding(subject, error)
        }
    }

    private func look(at connection: Connection, _ url: DatabaseURL, _ subject: String) async throws(PostgresError) -> Finding {
        let row = try await connection.query(
            """
            SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
                to_regclass('schema_migrations') IS NOT NULL,
                has_schema_privilege(current_schema(), 'CREATE'),
                (extract(epoch FROM clock_timestamp()) * 1000)::bigint
            """, timeout: Self.patience
        ).rows.first
        guard row?.boolean(0) == false else {
            return Finding(subject, .missing, "\(url) is read-only.", remedy: "Name the primary server in the database's url.")
        }
        let isMigrated = row?.boolean(1) == true
        guard isMigrated || row?.boolean(2) == true else {
            return Finding(
                subject, .missing, "\(url) has no migrations yet, and its user may not create tables.",
                remedy: "GRANT CREATE ON SCHEMA public to it, or name a user who may.")
        }
        let skew = (row?.integer(3) ?? 0) - work.tools.world.now()
        guard abs(skew) < 30_000 else {
            return Finding(
                subject, .doubtful, "Its clock and ours are \(abs(skew) / 1000) s apart.",
                remedy: "Set the clock that is wrong, best by NTP: tokens and certificates go by it.")
        }
        return Finding(subject, .fine, "\(url) " + (isMigrated ? "has migrations" : "has no migrations yet"))
    }

    /// Whether a cluster's context is there, leads to the right server, and that one answers.
    func cluster(_ cluster: Cluster, _ target: HelmTarget, of name: EnvironmentName) async -> Finding {
        let subject = "cluster \(cluster.context) of \(name)"
        do throws(StageFailure) {
            let obstacle = try await ClusterAccess.with(cluster, namespace: target.namespace, work) {
                access throws(StageFailure) in
                try await access.obstacle()
            }
            guard let obstacle else {
                return Finding(subject, .fine, "\(cluster.server) answers, namespace \(target.namespace)")
            }
            let remedy = obstacle.failure.isPassing ? "Check the network and the cluster." : nil
            return Finding(subject, obstacle, remedy: remedy)
        } catch {
            return Finding(subject, error)
        }
    }
}
