/// Colours of a terminal, or none: meaning is always in the words too.
struct Paint {
    enum Colour: String {
        case green = "32"
        case red = "31"
        case yellow = "33"
        case blue = "34"
        case dim = "2"
        case bold = "1"
    }

    let isOn: Bool

    func callAsFunction(_ text: String, _ colour: Colour) -> String {
        isOn ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The colour of a state's word.
    func state(_ word: String) -> String {
        switch word {
        case "succeeded", "reached", "good": self(word, .green)
        case "failed", "indeterminate", "bad", "blocked": self(word, .red)
        case "waiting", "in-doubt", "interrupted", "backing-off", "unverified", "held": self(word, .yellow)
        case "running": self(word, .blue)
        default: self(word, .dim)
        }
    }
}
