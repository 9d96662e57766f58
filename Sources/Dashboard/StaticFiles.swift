import HTTPTypes
import Hummingbird
import Serving

/// Sends the page's files, and nothing else: a request names a file only by equality with its name, so no path leads out of the folder.
struct StaticFiles: Sendable {
    private let folder: String
    private let files: PageFiles
    /// Whether the folder is read again for each request, so that an edit shows on reload.
    private let isEdited: Bool

    /// The files in `folder`; throws when there is no `index.html` among them.
    init(folder: String, isEdited: Bool) throws(SettingsError) {
        guard let files = PageFiles(folder: folder) else {
            throw SettingsError("'\(folder)' holds no index.html: set WEB_PUBLIC to the folder of the page.")
        }
        self.folder = folder
        self.files = files
        self.isEdited = isEdited
    }

    func add(to router: Router<ServiceContext>) {
        router.get("/") { [self] request, _ in try response(to: request, file: "index.html") }
        router.get(":file") { [self] request, context in try response(to: request, file: context.parameters.get("file") ?? "") }
        router.get("v/:version/:file") { [self] request, context in
            try response(
                to: request, file: context.parameters.get("file") ?? "", version: context.parameters.get("version"))
        }
    }

    private func response(to request: Request, file name: String, version: String? = nil) throws(Problem) -> Response {
        let files = isEdited ? PageFiles(folder: folder) ?? files : files
        guard let file = files.files[name], version == nil || name != "index.html" else {
            throw Problem(.notFound, "Nothing is found at this path.")
        }
        let form = Self.takesGzip(request.headers[.acceptEncoding]) ? file.compressed ?? file.plain : file.plain
        // Of another version, which a service of the release before or after asked for, this is not what stays for ever.
        let isLasting = version == files.version
        var headers: HTTPFields = [
            .cacheControl: isLasting ? "public, max-age=31536000, immutable" : "no-cache", .eTag: form.tag,
            .vary: "Accept-Encoding",
        ]
        if request.holds(form.tag) == true { return Response(status: .notModified, headers: headers) }
        headers.append(contentsOf: form.headers)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: form.content))
    }

    /// Whether `Accept-Encoding` names gzip, and not with the quality 0.
    static func takesGzip(_ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let words = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard words.first == "gzip" else { return false }
            return words.dropFirst().allSatisfy { !$0.hasPrefix("q=") || (Double($0.dropFirst(2)) ?? 0) > 0 }
        }
    }
}
