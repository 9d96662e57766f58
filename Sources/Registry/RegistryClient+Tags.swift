import FoundationEssentials
import HTTP

/// Listing tags (distribution specification, "Listing Tags").
extension RegistryClient {
    /// All tags of a repository, in the registry's order, which says nothing about age; without those that stand for referrers
    /// (`sha256-…`, signatures and attestations).
    ///
    /// To know whether one tag exists, ask for its manifest.
    public func tags(of image: ImageName) async throws(RegistryError) -> [String] {
        try await tags(of: image, pageSize: 1000)
    }

    /// A page may hold fewer than it was asked to without being the last: only the link says.
    func tags(of image: ImageName, pageSize: Int) async throws(RegistryError) -> [String] {
        let purpose = "Listing the tags of \(image)"
        let first = try parse(purpose) { () throws(HTTPError) in
            try HTTPAddress(image.url("tags/list")).adding("n", "\(pageSize)")
        }
        var address = first
        var visited: Set<String> = []
        var seen: Set<String> = []
        var tags: [String] = []
        for _ in 0..<Self.pageLimit {
            visited.insert(address.text)
            let call = Call(
                purpose: purpose, scope: Scope(image: image, access: .pull),
                request: HTTPRequest(url: address.text, responseLimit: 16 << 20), accepted: [200])
            let response = try await perform(call)
            guard let page = try? JSONDecoder().decode(TagPage.self, from: Data(response.body)) else {
                throw RegistryError(.unexpected, "\(purpose) failed: the answer is no JSON list of tags.")
            }
            let new = (page.tags ?? []).filter { seen.insert($0).inserted }
            tags += new
            guard let link = LinkHeader.next(in: response.headers.all("Link")) else {
                return tags.filter { !Self.isReferrer($0) }
            }
            let here = address
            let next = try parse(purpose) { () throws(HTTPError) in try here.resolving(link) }
            guard next.sharesOrigin(with: first) else {
                throw RegistryError(
                    .unexpected, "\(purpose) was ended: the next page is said to be elsewhere, at \(next.summary).")
            }
            // GHCR once served one page for ever; a list with a hole in it must not pass for a whole one.
            guard !new.isEmpty, !visited.contains(next.text) else {
                throw RegistryError(
                    .unexpected, passing: true,
                    "\(purpose) was ended: the registry repeats its pages, so the list cannot be completed.")
            }
            address = next
        }
        throw RegistryError(.unexpected, "\(purpose) was ended after \(Self.pageLimit) pages.")
    }

    private static let pageLimit = 1000

    /// `sha256-<64 hex>`, alone or with a suffix such as `.sig`.
    private static func isReferrer(_ tag: String) -> Bool {
        guard tag.hasPrefix("sha256-") else { return false }
        let rest = tag.dropFirst("sha256-".count)
        let hex = rest.prefix { $0.isHexDigit }
        return hex.count == 64 && ["", ".sig", ".att", ".sbom"].contains(rest[hex.endIndex...])
    }

    private func parse(
        _ purpose: String, _ body: () throws(HTTPError) -> HTTPAddress
    ) throws(RegistryError) -> HTTPAddress {
        do throws(HTTPError) {
            return try body()
        } catch {
            throw RegistryError(purpose, error)
        }
    }
}

private struct TagPage: Decodable {
    /// Debian's registry sends null once all are deleted.
    let tags: [String]?
}
