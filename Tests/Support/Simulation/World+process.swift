import Conductor
import Pipeline

extension World {
    /// The world as a simulated process sees it.
    init(of process: Process, in scene: Scene, isRunning: @escaping @Sendable (Driver) -> Bool) {
        self.init(
            now: { process.host.clock(at: process.scheduler.now) }, uptime: { process.scheduler.now },
            random: { process.scheduler.random() },
            sleep: { span in
                try await process.scheduler.sleep(span)
                try? await process.gate()
            },
            isRunning: { $0.place?.boot == process.host.boot && isRunning($0) ? .atWork : .gone },
            hasPrograms: { scene.sight(of: $0, by: process) },
            variables: [:], driver: process.driver, actor: "ada"
        )
    }
}
