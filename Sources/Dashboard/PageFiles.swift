import FoundationEssentials
import Gzip
import HTTPTypes
import Hashing
import Hummingbird

/// The page's files as they were read at one moment: those directly in one folder, each with its compressed form.
///
/// In `index.html` the names of other files are led to `v/VERSION/NAME`, where the version is a hash of them all: what is at such an
/// address never changes, so that browsers need not ask for it again, and no build step has to write hashes into names.
struct PageFiles: Sendable {
    /// A file, ready to be sent.
    struct File: Sendable {
        /// One of its forms: the bytes, what is said of them, and what changes when they do.
        struct Form: Sendable {
            let content: ByteBuffer
            let headers: HTTPFields
            let tag: String

            fileprivate init(_ content: [UInt8], _ type: String, _ tag: String, encoding: String? = nil) {
                self.content = ByteBuffer(bytes: content)
                self.tag = tag
                var headers: HTTPFields = [.contentType: type]
                if let encoding { headers[.contentEncoding] = encoding }
                self.headers = headers
            }
        }

        let plain: Form
        /// As gzip; nil where that would not be shorter.
        let compressed: Form?

        init(type: String, content: [UInt8]) {
            let tag = SHA256Sum(of: content).hex.prefix(20)
            plain = Form(content, type, "\"\(tag)\"")
            compressed = Gzip.compressed(content).flatMap { bytes in
                bytes.count < content.count ? Form(bytes, type, "\"\(tag)-gzip\"", encoding: "gzip") : nil
            }
        }
    }

    /// What browsers are told a file is, by the end of its name; others are not served.
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "ico": "image/x-icon", "txt": "text/plain; charset=utf-8",
    ]

    /// The files by name.
    let files: [String: File]
    /// What changes when any of them does.
    let version: String

    /// Reads `folder`; nil when there is no `index.html` in it.
    init?(folder: String) {
        var contents: [String: (type: String, bytes: [UInt8])] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !name.hasPrefix(".") {
            if let type = name.split(separator: ".").last.flatMap({ Self.types[String($0)] }),
                let content = FileManager.default.contents(atPath: "\(folder)/\(name)")
            {
                contents[name] = (type, Array(content))
            }
        }
        guard let page = contents["index.html"] else { return nil }
        let sums = contents.sorted { $0.key < $1.key }.map { "\($0.key) \(SHA256Sum(of: $0.value.bytes).hex)\n" }
        version = String(SHA256Sum(of: sums.joined()).hex.prefix(16))
        var text = String(decoding: page.bytes, as: UTF8.self)
        for name in contents.keys where name != "index.html" {
            text = text.replacing("=\"\(name)\"", with: "=\"v/\(version)/\(name)\"")
        }
        contents["index.html"] = (page.type, Array(text.utf8))
        files = contents.mapValues { File(type: $0.type, content: $0.bytes) }
    }
}
