import FoundationEssentials
import HTTPTypes
import Hummingbird
import Serving

/// The page's files: those directly in one folder when the service started, and nothing else.
///
/// A request names a file only by equality with one of these names, so no path can lead out of the folder. The content is read
/// at each request, so that an edit shows on reload.
struct StaticFiles: Sendable {
    /// What browsers are told a file is, by the end of its name; others are not served.
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "ico": "image/x-icon", "txt": "text/plain; charset=utf-8",
    ]

    private let folder: String
    private let types: [String: String]

    /// The files in `folder`; throws when there is no `index.html` among them.
    init(folder: String) throws(SettingsError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard names.contains("index.html") else {
            throw SettingsError("'\(folder)' holds no index.html: set WEB_PUBLIC to the folder of the page.")
        }
        self.folder = folder
        types = names.reduce(into: [:]) { types, name in
            let type = name.split(separator: ".").last.flatMap { Self.types[String($0)] }
            if !name.hasPrefix("."), let type { types[name] = type }
        }
    }

    func add(to router: Router<ServiceContext>) {
        router.get("/") { [self] request, _ in try response(to: request, file: "index.html") }
        router.get(":file") { [self] request, context in try response(to: request, file: context.parameters.get("file") ?? "") }
    }

    private func response(to request: Request, file: String) throws(Problem) -> Response {
        let path = "\(folder)/\(file)"
        guard let type = types[file], let content = FileManager.default.contents(atPath: path),
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        else { throw Problem(.notFound, "Nothing is found at this path.") }
        let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let tag = "\"\(String(Int64(changed * 1000), radix: 36))-\(content.count)\""
        // Kept, but asked for again each time: a release changes all files at once.
        var headers: HTTPFields = [.cacheControl: "no-cache", .eTag: tag]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: content)))
    }
}
