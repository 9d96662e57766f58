extension Redactor {
    /// The redaction of one stream of bytes that arrives in pieces.
    ///
    /// However it is cut, all that comes out together is what ``Redactor/redact(_:)-([UInt8])`` makes of the whole. Held back is only an end
    /// that may still become part of a secret; everything before it comes out at once.
    public struct Stream: Sendable {
        private let automaton: Automaton?
        private var state = 0
        /// How many bytes were pushed so far; positions count from the first of them.
        private var position = 0
        /// What was pushed and not yet decided; begins at ``pendingStart``.
        private var pending: [UInt8] = []
        private var pendingStart = 0
        /// Occurrences that were not written yet, in order, disjoint.
        private var found: [Range<Int>] = []
        /// Where the last mask that was written ends: what overlaps it needs no second one.
        private var maskedUpTo = 0

        init(_ automaton: Automaton?) {
            self.automaton = automaton
        }

        /// Takes the next piece and returns what of the stream is decided by now.
        public mutating func push(_ piece: [UInt8]) -> [UInt8] {
            guard let automaton else { return piece }
            for byte in piece {
                state = automaton.next(state, byte)
                position += 1
                let length = automaton.longestMatch(state)
                if length > 0 { note(position - length..<position) }
            }
            pending += piece
            return write(upTo: position - automaton.openLength(state))
        }

        /// Returns what was held back: nothing more follows.
        ///
        /// The next piece pushed begins a new stream.
        public mutating func finish() -> [UInt8] {
            state = 0
            return write(upTo: position)
        }

        private mutating func note(_ occurrence: Range<Int>) {
            var start = occurrence.lowerBound
            while let last = found.last, last.upperBound > start {
                start = min(start, last.lowerBound)
                found.removeLast()
            }
            found.append(start..<occurrence.upperBound)
        }

        /// Writes all that begins before a position which no later match can reach beyond.
        private mutating func write(upTo end: Int) -> [UInt8] {
            var output: [UInt8] = []
            // A mask may reach beyond the end; what it covers is decided, too.
            var cursor = max(pendingStart, maskedUpTo)
            let decided = found.prefix { $0.lowerBound < end }
            for occurrence in decided {
                if occurrence.lowerBound >= maskedUpTo {
                    append(cursor..<occurrence.lowerBound, to: &output)
                    output += Secret.mask.utf8
                }
                maskedUpTo = max(maskedUpTo, occurrence.upperBound)
                cursor = max(cursor, maskedUpTo)
            }
            found.removeFirst(decided.count)
            if cursor < end { append(cursor..<end, to: &output) }
            if end > pendingStart {
                pending.removeFirst(end - pendingStart)
                pendingStart = end
            }
            return output
        }

        private func append(_ range: Range<Int>, to output: inout [UInt8]) {
            output += pending[(range.lowerBound - pendingStart)..<(range.upperBound - pendingStart)]
        }
    }
}

extension Redactor.Stream: CustomStringConvertible, CustomReflectable {
    /// Nothing of what is held back.
    public var description: String { "Redactor.Stream" }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
