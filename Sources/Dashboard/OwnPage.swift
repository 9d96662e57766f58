import HTTPTypes
import Hummingbird
import Serving

/// Proof that a request that changes something was made by our own page, and not by another site in the browser of who is signed in.
///
/// Three walls, each enough where it stands: the cookie is `SameSite=Strict`; a page of another origin cannot send the header without asking
/// first, which nobody answers; and browsers say where a request comes from.
enum OwnPage {
    /// Throws unless `request` comes from our page.
    static func check(_ request: Request) throws(Problem) {
        guard request.headers[.fromPage] == "1" else {
            throw Problem(.forbidden, "Requests that change something come from the page, with 'X-Shipit-Page: 1'.")
        }
        let site = request.headers[.fetchSite]
        let origin = request.headers[.origin]
        let isOurs = origin.map { isOwn($0, request.head.authority) }
        guard site.map({ $0 == "same-origin" }) ?? (isOurs == true), isOurs != false else {
            throw Problem(.forbidden, "This request comes from another site: open the page itself.")
        }
    }

    /// Whether an origin such as `https://shipit.example.org` is at this host and port, whatever proxy stands before us.
    private static func isOwn(_ origin: String, _ authority: String?) -> Bool {
        guard let authority, let scheme = ["https://", "http://"].first(where: origin.hasPrefix) else { return false }
        return origin.dropFirst(scheme.count).lowercased() == authority.lowercased()
    }
}

extension HTTPField.Name {
    fileprivate static let fromPage = Self(known: "X-Shipit-Page")
    fileprivate static let fetchSite = Self(known: "Sec-Fetch-Site")
}
