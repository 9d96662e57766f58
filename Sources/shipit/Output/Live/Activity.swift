/// What a stage is doing, told by its output: the newest line, and how far a build or a push has got.
struct Activity {
    /// The newest lines, oldest first.
    private(set) var lines: [String] = []
    /// The step of a build, the layers of a push: nil before there is any.
    private(set) var headline: String?

    /// How many lines are kept.
    static let depth = 20
    private var layers: Set<Substring> = []
    private var settled: Set<Substring> = []

    /// Takes the next line of output.
    mutating func take(_ line: String) {
        lines.append(line)
        if lines.count > Self.depth { lines.removeFirst() }
        if !readStep(line) { readLayer(line) }
    }

    /// A step as BuildKit's plain progress tells it: `#12 [builder 3/7] RUN make`.
    private mutating func readStep(_ line: String) -> Bool {
        guard line.hasPrefix("#"), !line.hasPrefix("# "), let space = line.firstIndex(of: " "),
            line[line.index(after: line.startIndex)..<space].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        let words = line[line.index(after: space)...]
        guard words.hasPrefix("["), !words.hasPrefix("[internal]"), let end = words.firstIndex(of: "]"),
            words[..<end].contains("/")
        else { return false }
        headline = String(words)
        return true
    }

    /// A layer as `docker push` tells it where it has no terminal: `5f70bf18a086: Pushed`.
    private mutating func readLayer(_ line: String) {
        guard let colon = line.firstIndex(of: ":"), line.utf8.count < 80 else { return }
        let layer = line[..<colon]
        guard layer.utf8.count == 12, layer.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            return
        }
        let state = line[colon...].dropFirst().drop { $0 == " " }
        guard
            ["Preparing", "Waiting", "Pushing", "Pushed", "Layer already exists", "Mounted from"].contains(where: state.hasPrefix)
        else { return }
        layers.insert(layer)
        if ["Pushed", "Layer already exists", "Mounted from"].contains(where: state.hasPrefix) { settled.insert(layer) }
        headline = "pushing: \(settled.count) of \(layers.count) layers are there"
    }
}
