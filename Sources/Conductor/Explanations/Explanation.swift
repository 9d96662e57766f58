import Pipeline

/// What a word of shipit's means, and what to do about it.
public struct Explanation: Hashable, Sendable, Encodable {
    /// What the word is said of.
    public enum Sort: String, Hashable, Sendable, Encodable, CaseIterable {
        /// How a command ended.
        case exit = "exit code"
        /// Where a run stands.
        case run = "state of a run"
        /// Where a stage stands.
        case stage = "state of a stage"
        /// What is known of an environment.
        case environment = "state of an environment"
        /// What is wrong with a definition.
        case diagnostic = "mistake in a definition"
        /// Why a stage failed.
        case failure = "why a stage failed"
    }

    /// What the word is said of.
    public var sort: Sort
    /// The word, or the number of an exit code.
    public var word: String
    /// What it means: full sentences.
    public var meaning: String
    /// What to do next; nil where nothing is to be done.
    public var next: String?

    init(_ sort: Sort, _ word: String, _ text: (meaning: String, next: String?)) {
        self.sort = sort
        self.word = word
        meaning = text.meaning
        next = text.next
    }

    /// All there are, sort by sort.
    public static let all: [Explanation] =
        ExitStatus.allCases.map { Explanation(.exit, "\($0.rawValue)", $0.explanation) }
        + RunStatus.allCases.map { Explanation(.run, $0.rawValue, $0.explanation) }
        + Run.StageState.Kind.allCases.map { Explanation(.stage, $0.rawValue, $0.explanation) }
        + EnvironmentView.Verdict.allCases.map { Explanation(.environment, $0.rawValue, $0.explanation) } + obstacles
        + Diagnostic.Code.allCases.map { Explanation(.diagnostic, $0.rawValue, $0.explanation) }
        + failures.map { Explanation(.failure, $0.code, ($0.meaning, $0.next)) }

    /// Everything that `word` means.
    ///
    /// - Parameter word: a word or the number of an exit code, in letters of any case.
    /// - Throws: a refusal that names the nearest word.
    public static func of(_ word: String) throws(Refusal) -> [Explanation] {
        let wanted = word.lowercased()
        let found = all.filter { $0.word == wanted }
        guard found.isEmpty else { return found }
        let near = nearest(to: wanted, among: all.lazy.map(\.word))
        throw Refusal(
            .badInput, "'\(word)' is no exit code, state or code of shipit's.",
            remedy: near.map { "Did you mean '\($0)'?" } ?? "See 'shipit explain' for all there are.")
    }
}
