import HTTP

/// Finding out whether a push would be taken (distribution specification, "Pushing a blob in chunks").
extension RegistryClient {
    /// Throws what a push to `image` would meet; nothing can be pulled afterwards that could not before.
    ///
    /// An upload is begun, which is what a registry refuses to whom it lets no push, and nothing is sent. Registries forget it by themselves;
    /// to give it up takes the right to delete, which one who pushes need not have.
    public func requirePush(to image: ImageName) async throws(RegistryError) {
        let begin = HTTPRequest(method: "POST", url: image.url("blobs/uploads/"), body: [])
        _ = try await perform(
            Call(
                purpose: "Beginning a push to \(image)", scope: Scope(image: image, access: .push), request: begin,
                accepted: [202]))
    }
}
