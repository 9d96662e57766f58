import CYAML

/// Reads a YAML text event by event, through libyaml.
///
/// Events come one at a time, so that the caller can stop at its own limits before anything costs memory: an alias is only a name here.
@safe public struct YAMLReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from it until the parser is deleted.
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// Reads `bytes`, which must be UTF-8.
    public init(_ bytes: [UInt8]) throws(YAMLProblem) {
        unsafe input = UnsafeMutableBufferPointer.allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        unsafe parser = UnsafeMutablePointer.allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            throw YAMLProblem(message: "there is no memory to read it", mark: YAMLMark(line: 1, column: 1))
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event and where it begins.
    public mutating func next() throws(YAMLProblem) -> (event: YAMLEvent, mark: YAMLMark) {
        while true {
            var raw = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &raw) == 1 else { throw problem() }
            defer { unsafe yaml_event_delete(&raw) }
            if let event = unsafe Self.event(raw) { return (event, unsafe Self.mark(raw.start_mark)) }
        }
    }

    /// Nil for what says nothing to us: the beginning of the stream.
    private static func event(_ raw: yaml_event_t) -> YAMLEvent? {
        switch unsafe raw.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_SEQUENCE_START_EVENT: return unsafe .sequenceStart(anchor: text(raw.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: return unsafe .mappingStart(anchor: text(raw.data.mapping_start.anchor))
        case YAML_ALIAS_EVENT: return unsafe .alias(text(raw.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe raw.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return unsafe .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                anchor: text(scalar.anchor))
        case YAML_STREAM_START_EVENT: return nil
        default: return .streamEnd
        }
    }

    private func problem() -> YAMLProblem {
        let state = unsafe parser.pointee
        let message = unsafe state.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        if unsafe state.error == YAML_READER_ERROR {
            return YAMLProblem(message: message, mark: unsafe mark(ofByte: Int(state.problem_offset)))
        }
        return unsafe YAMLProblem(
            message: message, mark: Self.mark(state.problem_mark), context: state.context.map { unsafe String(cString: $0) },
            contextMark: state.context.map { _ in unsafe Self.mark(state.context_mark) })
    }

    /// Where a byte stands: for problems with characters libyaml knows only that.
    private func mark(ofByte offset: Int) -> YAMLMark {
        var mark = YAMLMark(line: 1, column: 1)
        for byte in unsafe Array(input.prefix(offset)) {
            if byte == UInt8(ascii: "\n") {
                mark = YAMLMark(line: mark.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                // Not the continuation of a character in UTF-8.
                mark.column += 1
            }
        }
        return mark
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: mark.line + 1, column: mark.column + 1)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe pointer.map { unsafe String(cString: $0) }
    }
}
