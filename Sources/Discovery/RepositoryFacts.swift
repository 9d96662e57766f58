/// What git knows of a repository beside its files.
public struct RepositoryFacts: Sendable {
    /// The name of the folder it lies in.
    public var folder: String
    /// The address of the remote `origin`, without secrets; nil when there is none.
    public var origin: String?
    /// The branch that releases come from, as far as git tells; nil when it does not.
    public var branch: String?
    /// What tells it, in words: `origin's default branch`.
    public var branchReason: String

    /// Facts.
    public init(folder: String, origin: String?, branch: String?, branchReason: String) {
        self.folder = folder
        self.origin = origin
        self.branch = branch
        self.branchReason = branchReason
    }

    /// What the repository is called: the last part of the remote's path, else the folder.
    var name: String { remote?.path.split(separator: "/").last.map(String.init) ?? folder }

    /// Host and path of the remote, in lower case; nil when there is none on another machine.
    var remote: (host: String, path: String)? {
        guard let origin else { return nil }
        let rest: Substring
        if let scheme = origin.firstRange(of: "://") {
            guard !origin.lowercased().hasPrefix("file:") else { return nil }
            rest = origin[scheme.upperBound...]
        } else {
            // `git@host:path`; a path on this machine has no colon before its first slash.
            guard let colon = origin.firstIndex(of: ":"), !origin[..<colon].contains("/") else { return nil }
            rest = origin[..<colon] + "/" + origin[origin.index(after: colon)...].drop { $0 == "/" }
        }
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let authority = rest[..<slash].split(separator: "@").last ?? ""
        let host = authority.prefix { $0 != ":" }.lowercased()
        var path = rest[rest.index(after: slash)...].lowercased()
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        let parts = path.split(separator: "/").compactMap { ProjectName.component(String($0)) }
        return host.isEmpty || parts.isEmpty ? nil : (host, parts.joined(separator: "/"))
    }

    /// Where images go, and why there; `isSure` is false for a place that somebody must still choose.
    var registry: (value: String, reason: String, isSure: Bool) {
        guard let (host, path) = remote else {
            return ("registry.example.org/\(ProjectName.component(name) ?? "app")", "there is no remote 'origin' to go by", false)
        }
        let project = path.split(separator: "/").joined(separator: "/")
        switch host {
        case "github.com", "ssh.github.com", "www.github.com":
            return ("ghcr.io/\(project)", "GitHub's registry, for the remote origin", true)
        case "gitlab.com", "altssh.gitlab.com":
            return ("registry.gitlab.com/\(project)", "GitLab's registry, for the remote origin", true)
        case "codeberg.org": return ("codeberg.org/\(project)", "Codeberg's registry, for the remote origin", true)
        default: return ("registry.example.org/\(project)", "the registry that belongs to \(host) is not known", false)
        }
    }
}

/// Names made of whatever a repository is called.
enum ProjectName {
    /// Letters, digits and single dashes, beginning with a letter or digit; nil when nothing is left.
    static func label(_ text: String, atMost limit: Int) -> String? {
        var label = ""
        for character in text.lowercased().unicodeScalars {
            if ("a"..."z").contains(character) || ("0"..."9").contains(character) {
                label.unicodeScalars.append(character)
            } else if !label.isEmpty, label.last != "-" {
                label.append("-")
            }
        }
        label = String(label.prefix(limit))
        while label.last == "-" { label.removeLast() }
        return label.isEmpty ? nil : label
    }

    /// A component of an image's name: as `label`, with single dots and underscores (OCI distribution specification, `<name>`).
    static func component(_ text: String) -> String? {
        var component = ""
        for character in text.lowercased().unicodeScalars {
            if ("a"..."z").contains(character) || ("0"..."9").contains(character) {
                component.unicodeScalars.append(character)
            } else if let last = component.last, last.isLetter || last.isNumber {
                component.append(character == "." || character == "_" ? Character(character) : "-")
            }
        }
        while let last = component.last, !last.isLetter, !last.isNumber { component.removeLast() }
        return component.isEmpty ? nil : component
    }
}
