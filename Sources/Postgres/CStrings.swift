/// Runs `body` with the texts as a null-terminated C array of C strings.
func withCStrings<T>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
    unsafe withPointers(to: texts.map { Array($0.utf8) + [0] } + [nil], body)
}

/// Runs `body` with a C array of pointers to the arrays' bytes, null for nil.
func withPointers<T>(to arrays: [[UInt8]?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T) -> T {
    // One block for all of them: pointers into Swift arrays end with the closure that lends them. Never empty, so that an
    // empty array has an address and is not taken for null.
    let block = UnsafeMutableRawBufferPointer.allocate(
        byteCount: arrays.reduce(1) { $0 + ($1?.count ?? 0) }, alignment: 1)
    defer { unsafe block.deallocate() }
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    var offset = 0
    for array in arrays {
        guard let array else {
            unsafe pointers.append(nil)
            continue
        }
        unsafe UnsafeMutableRawBufferPointer(rebasing: block[offset..<offset + array.count]).copyBytes(from: array)
        unsafe pointers.append(block.baseAddress.map { unsafe UnsafePointer(($0 + offset).assumingMemoryBound(to: CChar.self)) })
        offset += array.count
    }
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
