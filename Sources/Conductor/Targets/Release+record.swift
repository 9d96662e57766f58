import CanonicalJSON
import Pipeline

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Release {
    /// The release as it is written onto a target; base 64 means nothing to whoever interpolates or quotes there.
    var record: String { Data(Canonical.bytes(of: self)).base64EncodedString() }

    /// Reads a release from what was written onto a target; nil when it is none.
    init?(record: String) {
        guard let data = Data(base64Encoded: record), let release = try? Canonical.decode(Release.self, from: Array(data)) else {
            return nil
        }
        self = release
    }
}
